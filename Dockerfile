# Two stages: dependencies are installed, hashes checked, in the first; the second holds only what runs.
#
# A tag and no digest, so that a build takes the security fixes of Python and Debian as they come. For builds that are
# the same to the byte, give a digest: --build-arg PYTHON_IMAGE=python:3.13-slim-trixie@sha256:...
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock .
# Wheels alone: no compiler is needed, and no dependency runs a build script of its own.
RUN python -m venv --without-pip /venv \
    && python -m pip --python /venv/bin/python install --require-hashes --only-binary :all: -r requirements.lock
COPY LICENSE /app/
COPY bot /app/bot
COPY cogs /app/cogs
# Compiled here, since the bot's user may not write there; readable for all users, whatever the umask of the checkout.
RUN python -m compileall -q --invalidation-mode unchecked-hash /app && chmod -R a+rX,go-w /app

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Stillframe" org.opencontainers.image.licenses="MIT"
# A plain user that owns nothing but the data; the rest of the root may be read-only.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin stillframe \
    && install -d -o stillframe -g stillframe -m 0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite:////data/stillframe.db DATA_DIR=/data BACKUP_DIR=/data/backups \
    HTTP_PORT=8080 LOG_FORMAT=json \
    MPLCONFIGDIR=/tmp/matplotlib
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
# Alive, not ready: while Discord is away a restart would not help. The port is open inside the container alone.
HEALTHCHECK --interval=60s --timeout=15s --start-period=60s --retries=3 CMD ["python", "-m", "bot.cli.healthcheck"]
# Exec form: the signal reaches the bot itself, which finishes the step it is in and exits.
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
