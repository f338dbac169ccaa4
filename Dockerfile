# The image of the service. Pin the base when you build: --build-arg BASE_IMAGE=python:3.12-slim-bookworm@sha256:...
# Run it read-only, with every capability dropped, as any user: only /data is written to.
ARG BASE_IMAGE=python:3.12-slim-bookworm

# What the service needs, by hash. Everything is fetched here; from here on nothing is.
FROM ${BASE_IMAGE} AS dependencies
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements/run.txt requirements/build.txt requirements/
RUN pip download --quiet --require-hashes --no-deps --only-binary=:all: --dest /wheels -r requirements/build.txt
# Bytecode is made once, here, and is not compared with its source at each start: the file system is read-only then.
RUN python -m venv --without-pip /opt/prrt/venv \
    && pip --python /opt/prrt/venv/bin/python install --quiet --no-warn-script-location --no-index --find-links /wheels \
        --require-hashes --no-deps --no-compile -r requirements/run.txt \
    && find /opt/prrt/venv/bin -type f -delete \
    && find /opt/prrt/venv -type d \( -name test -o -name tests -o -name sample_data -o -name pdfcorefonts \) -prune -exec rm -rf {} + \
    && find /opt/prrt/venv -type f -regex '.*\.\(pyi\|pyx\|pxd\|pxi\|h\|hpp\|c\|cpp\|a\|f90\)' -delete \
    # What nothing that runs here imports: matplotlib takes one table of names from fontTools.
    && site=$(echo /opt/prrt/venv/lib/python3.*/site-packages) \
    && find "$site/fontTools" -mindepth 1 -maxdepth 1 ! -name __init__.py ! -name agl.py ! -name misc -exec rm -rf {} + \
    && find "$site/pygments/lexers" -type f ! -name __init__.py ! -name _mapping.py -delete \
    && for part in mpl_toolkits sqlalchemy/testing alembic/testing; do rm -r "${site:?}/$part"; done \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/prrt/venv/lib

# The service itself, as a wheel, and its models; /image holds what they add to the dependencies.
FROM dependencies AS service
COPY pyproject.toml README.md LICENSE ./
COPY openapi/examples openapi/examples
COPY service service
COPY models /image/opt/prrt/models
RUN pip wheel --quiet --no-index --find-links /wheels --no-deps --wheel-dir /wheel . \
    && pip --python /opt/prrt/venv/bin/python install --quiet --no-warn-script-location --no-index \
        --no-deps --no-compile --root /image /wheel/*.whl \
    && python -m compileall -q --invalidation-mode unchecked-hash -s /image -p / /image \
    && chmod -R u=rwX,go=rX /image

FROM ${BASE_IMAGE}
# pip is of no use to the service. The base comes without bytecode, which would be made again at every start.
# OpenShift runs it as a user that nobody knows, of group 0.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3.*/ensurepip /usr/local/lib/python3.*/site-packages/pip* \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /usr/local/lib \
    && install -d -o 10001 -g 0 -m 0770 /data
COPY --from=dependencies /opt/prrt /opt/prrt
COPY --from=service /image /
ENV PATH=/opt/prrt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PRRT_MODELS_DIR=/opt/prrt/models \
    PRRT_DATA_DIR=/data \
    SQLITE_TMPDIR=/data
USER 10001:10001
WORKDIR /opt/prrt
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-I", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=4); c.request('GET', '/livez'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["prrt-cds"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="prrt-cds" \
    org.opencontainers.image.description="Decision support for peptide receptor radionuclide therapy (PRRT) of neuroendocrine tumours. Not a medical device." \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}"
