# Build with the network, run without it.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The sources are needed by the prepare script, so dependencies and build are one step.
COPY tsconfig.json tsconfig.build.json ./
COPY tools ./tools
COPY src ./src
COPY web ./web
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production JENNER_HOST=0.0.0.0 JENNER_DATA=/data JENNER_STORE=sqlite:/data/jenner.sqlite
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json capability-statement.json LICENSE ./
COPY schedules ./schedules
COPY overlays ./overlays
COPY hl7v2 ./hl7v2
COPY search-params ./search-params
COPY profiles ./profiles
COPY terminology ./terminology
COPY views ./views
COPY hl7v2 ./hl7v2
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "const { JENNER_HOST: h, JENNER_PORT: p = 8080 } = process.env; fetch(`http://${!h || h === '0.0.0.0' || h === '::' ? '127.0.0.1' : h}:${p}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
