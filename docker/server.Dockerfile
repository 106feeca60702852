# Triton on a GPU: NVIDIA's image with the committed models.
# From the root of the clone: docker build --file docker/server.Dockerfile .
# 24.10 holds Triton 2.51, the embedded server's release, and ONNX Runtime 1.19, which reads the committed opset.
FROM nvcr.io/nvidia/tritonserver:24.10-py3

# The mode is for clones made under a umask that keeps others out.
COPY --chmod=755 docker/ready.py docker/start-triton.sh /opt/tricorder/docker/
COPY --chmod=755 model_repository /models

# What is made for the GPU at hand: engines, and the kernels that CUDA compiles for a GPU newer than the image.
ENV HOME=/tmp \
    MODELS=/models \
    ENGINE_CACHE=/var/cache/tricorder \
    CUDA_CACHE_PATH=/var/cache/tricorder/cuda
RUN install --directory --owner=1000 --group=1000 /var/cache/tricorder
VOLUME /var/cache/tricorder

# NVIDIA's own user for a Triton that is not root (triton-server), by number: so that orchestrators see that it is not.
USER 1000:1000
EXPOSE 8000 8001 8002
# No ENTRYPOINT: that of NVIDIA's image checks the driver first, then starts this.
CMD ["/opt/tricorder/docker/start-triton.sh"]
