# Triton without a GPU: this project's embedded server, as `tricorder serve` starts it, on the committed models.
# From the root of the clone: docker build --file docker/server-cpu.Dockerfile .
# Python 3.11 with its shared library, on Debian 12 with glibc 2.36: Triton's binaries need 2.35.
FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3 AS build
WORKDIR /opt/tricorder
COPY LICENSE README.md constraints.txt pyproject.toml ./
COPY benchmarks benchmarks
COPY client client
COPY docker/ready.py docker/
COPY evaluation evaluation
COPY export export
COPY model_repository model_repository
COPY phantoms phantoms
COPY preprocessing preprocessing
COPY serving serving
COPY specs specs
COPY training training
COPY tricorder tricorder
# As `make .venv .venv-server` does; everything is fetched here, nothing at the start.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv .venv \
    && .venv/bin/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable . \
    && .venv/bin/python -m serving.environment --engine openvino
# Byte code that a read-only root could not keep. Modes for clones made under a umask that keeps others out.
RUN .venv/bin/python -m compileall -q client evaluation preprocessing serving specs tricorder \
    && chmod --recursive a+rX .

FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3
COPY --from=build /opt/tricorder /opt/tricorder
WORKDIR /opt/tricorder
# The run folder, the one place that the server writes to: Triton's log, and the backends as Triton wants them.
# Its mode is the image's because runc 1.1.5 gives it to a tmpfs that is mounted here, whatever mode that asks for.
RUN install --directory --mode=1777 build
ENV HOME=/tmp
USER 10001:10001
EXPOSE 8000 8001 8002
ENTRYPOINT ["/opt/tricorder/.venv/bin/tricorder"]
CMD ["serve", "--host", "0.0.0.0"]
