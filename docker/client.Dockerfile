# The client: `tricorder score` and the other commands that ask a server. It holds no server and no model.
# From the root of the clone: docker build --file docker/client.Dockerfile .
FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3 AS build
WORKDIR /opt/tricorder
COPY LICENSE README.md constraints.txt pyproject.toml ./
# The packages that pyproject.toml names, all of them: the project is installed as a clone.
COPY benchmarks benchmarks
COPY client client
COPY evaluation evaluation
COPY export export
COPY phantoms phantoms
COPY preprocessing preprocessing
COPY serving serving
COPY specs specs
COPY training training
COPY tricorder tricorder
# As `make .venv` does.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv .venv \
    && .venv/bin/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable .
# Byte code that a read-only root could not keep. Modes for clones made under a umask that keeps others out.
RUN .venv/bin/python -m compileall -q client evaluation preprocessing serving specs tricorder \
    && chmod --recursive a+rX .

FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3
COPY --from=build /opt/tricorder /opt/tricorder
WORKDIR /opt/tricorder
ENV HOME=/tmp
USER 10001:10001
ENTRYPOINT ["/opt/tricorder/.venv/bin/tricorder"]
CMD ["score", "--help"]
