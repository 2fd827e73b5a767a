# Two stages: dependencies are installed, hashes checked, in the first; the second holds only what runs.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r requirements.lock

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Stillframe" org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite:////data/stillframe.db DATA_DIR=/data LOG_FORMAT=json \
    MPLCONFIGDIR=/tmp/matplotlib
# A plain user that owns nothing but the data; the rest of the root may be read-only.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin stillframe \
    && install -d -o stillframe -g stillframe -m 0700 /data
COPY --from=build /venv /venv
COPY bot /app/bot
COPY cogs /app/cogs
USER stillframe
WORKDIR /data
VOLUME /data
# Exec form: the signal reaches the bot itself, which finishes the step it is in and exits.
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
