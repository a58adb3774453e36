// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.memory.MemoryRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alert rules, dashboard and scrape, before the real promtool and a real Prometheus. */
class PrometheusIT {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Path FILES = TOP.resolve("docs/metrics");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void eachAlertFiresForItsOwnFaultAndNoOther() throws Exception {
        assertThat(promtool(List.of("check", "rules", "fairlead-rules.yml"), ""))
                .contains("9 rules found");
        assertThat(promtool(List.of("test", "rules", "fairlead-rules_test.yml"), ""))
                .contains("SUCCESS");
    }

    @Test
    void everyQueryOfTheDashboardIsAnsweredByAPrometheusThatScrapedThisProcess() throws Exception {
        try (MemoryRegistry memory = MemoryRegistry.create()) {
            List<Registration> registrations = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                registrations.add(memory.register(
                        ServiceInstance.builder("orders")
                                .id("orders-" + i)
                                .address("127.0.0.1", 8_000 + i)
                                .version(i == 0 ? "v2" : "v1")
                                .build(),
                        HealthCheck.none()));
            }
            FailedCallbacks failed = new FailedCallbacks();
            try (Fairlead fairlead = Fairlead.builder(memory)
                            .addListener(failed)
                            .forService("orders", o -> o.withRoutes(canary()))
                            .build();
                    FairleadMeterBinder binder = new FairleadMeterBinder(fairlead)
                            .failedCallbacks(failed)
                            .queued(() -> 0)) {
                PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
                binder.bindTo(meters);
                fairlead.awaitReady(PATIENCE, "orders");
                HttpServer server = scraped(meters, fairlead);
                try {
                    binder.bindTo(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
                    askAll(server.getAddress().getPort());
                } finally {
                    server.stop(0);
                }
                assertThat(promtool(List.of("check", "metrics"), meters.scrape()))
                        .doesNotContain("error");
            }
            registrations.forEach(Registration::closeAsync);
        }
    }

    private static Routes canary() {
        return Routes.builder()
                .subset("canary", Subset.ofVersion("v2"))
                .subset("stable", Subset.ofVersion("v1"))
                .otherwise(Rule.otherwise().to("canary", 1).to("stable", 9).build())
                .build();
    }

    /** Each scrape comes with a few calls, so that there is something to see. */
    private static HttpServer scraped(PrometheusMeterRegistry meters, Fairlead fairlead) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicInteger calls = new AtomicInteger();
        server.createContext("/metrics", exchange -> {
            for (int i = 0; i < 20; i++) {
                call(fairlead, calls.incrementAndGet() % 10 != 0);
            }
            byte[] body = meters.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
        return server;
    }

    private static void call(Fairlead fairlead, boolean succeeds) {
        AtomicInteger attempts = new AtomicInteger();
        try {
            String unused = fairlead.call("orders", attempt -> {
                if (!succeeds && attempts.incrementAndGet() == 1) {
                    throw new ConnectException("refused");
                }
                return "fine";
            });
        } catch (IOException | RuntimeException ejected) {
            // also something to see
        }
    }

    private void askAll(int port) throws Exception {
        Path config = Files.writeString(
                folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: fairlead
                    static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(FILES.resolve("fairlead-rules.yml"), port));
        int listening = freePort();
        Process prometheus = new ProcessBuilder(
                        home() + "/prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + listening)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        try {
            URI server = URI.create("http://127.0.0.1:" + listening);
            await("samples")
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> query(server, "count_over_time(fairlead_panic[1m]) >= 8")
                                    .size()
                            > 0);
            List<String> wrong = new ArrayList<>();
            List<String> expressions = expressions();
            assertThat(expressions).hasSizeGreaterThan(20);
            for (String expression : expressions) {
                String asked = expression.replace("$__rate_interval", "10s").replace("\"$fairlead_service\"", "\".+\"");
                if (query(server, asked).isEmpty()) {
                    wrong.add(asked);
                }
            }
            assertThat(wrong).as("queries without an answer").isEmpty();
        } finally {
            prometheus.destroy();
            if (!prometheus.waitFor(20, TimeUnit.SECONDS)) {
                prometheus.destroyForcibly();
            }
        }
    }

    private static List<String> expressions() throws IOException {
        JsonNode dashboard = new ObjectMapper()
                .readTree(FILES.resolve("fairlead-dashboard.json").toFile());
        return dashboard.findValuesAsText("expr");
    }

    /** The series of an answer; fails when there is an error. */
    private static JsonNode query(URI server, String expression) throws Exception {
        URI uri = server.resolve("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(expression + ": " + answer.body()).isEqualTo(200);
        return new ObjectMapper().readTree(answer.body()).path("data").path("result");
    }

    private String promtool(List<String> arguments, String input) throws Exception {
        List<String> command = new ArrayList<>(List.of(home() + "/promtool"));
        command.addAll(arguments);
        return run(FILES, command, input);
    }

    /** Where promtool and prometheus are; unpacks them when they are nowhere. */
    private String home() throws Exception {
        String said = run(TOP, List.of(TOP.resolve("scripts/prometheus.sh").toString()), "");
        return said.lines().reduce((first, last) -> last).orElseThrow();
    }

    private String run(Path where, List<String> command, String input) throws Exception {
        Path in = Files.writeString(folder.resolve("in"), input);
        Process process = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectInput(in.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command + ": " + said).isZero();
        return said;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
