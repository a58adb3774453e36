// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the server answers, through real sockets. */
@Timeout(60)
class AdminServerTest {
    private final EventLog events = new EventLog();
    private final List<AutoCloseable> open = new ArrayList<>();

    static ServiceInstance instance(String service, int number) {
        return ServiceInstance.builder(service)
                .id(service + "-" + number)
                .address("10.0." + number / 200 + "." + (1 + number % 200), 8_000)
                .build();
    }

    private Fairlead fairlead(List<ServiceInstance> instances) {
        MemoryRegistry registry = MemoryRegistry.of(instances);
        Fairlead fairlead = Fairlead.builder(registry).addListener(events).build();
        open.add(registry);
        open.add(fairlead);
        instances.stream()
                .map(ServiceInstance::service)
                .distinct()
                .forEach(service -> fairlead.awaitReady(Duration.ofSeconds(10), service));
        return fairlead;
    }

    private Fairlead twoOrders() {
        return fairlead(List.of(instance("orders", 1), instance("orders", 2)));
    }

    private RawClient serve(AdminServer.Builder builder) {
        AdminServer server = builder.port(0).events(events).start();
        open.add(server);
        return new RawClient(server.uri());
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void answersWithThePageAndTheStatusOfEveryService() throws IOException {
        RawClient client = serve(AdminServer.builder(twoOrders()).name("shop"));

        RawClient.Answered page = client.get("/");
        assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.header("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(page.header("Cache-Control")).isEqualTo("no-store");
        assertThat(page.header("Connection")).isEqualTo("close");

        RawClient.Answered status = client.get("/api/v1/status");
        assertThat(status.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
        assertThat(status.body())
                .startsWith("{\"v\":1,\"at\":\"20")
                .contains("\"process\":{\"service\":\"shop\",\"pid\":")
                .contains("\"registries\":[{\"uri\":\"memory")
                .contains("\"service\":\"orders\",\"policy\":\"adaptive\",\"source\":\"live\"")
                .contains(
                        "{\"key\":\"policy\",\"value\":\"adaptive\",\"origin\":\"default\",\"default\":\"adaptive\"}");
    }

    @Test
    void answersWithEachInstanceOfAServiceAndWhyACallCanGoThere() throws IOException {
        RawClient client = serve(AdminServer.builder(twoOrders()));

        assertThat(client.get("/api/v1/services/orders").body())
                .contains("\"id\":\"orders-1\",\"address\":\"10.0.0.2:8000\"")
                .contains("\"state\":\"", "\"weightFactors\":{\"slowStart\":", "\"idealShare\":0.5")
                .contains("\"instancesLeftOff\":0");
        assertThat(client.get("/api/v1/services/orders?limit=1").body()).contains("\"instancesLeftOff\":1");
        assertThat(client.get("/api/v1/services/orders/explain?method=post&path=/a%20b&header=X-User:%207")
                        .body())
                .contains("\"known\":2,\"usable\":2")
                .contains("\"eligible\":true");
        assertThat(client.get("/services/orders.txt").body()).contains("orders-2  10.0.0.3:8000");
        assertThat(client.get("/status.txt").body())
                .startsWith("registry: OK | services: OK")
                .contains("orders   live    2/2");
    }

    @Test
    void saysWhichServicesThereAreWhenOneIsUnknown() throws IOException {
        RawClient client = serve(AdminServer.builder(twoOrders()));

        assertThat(client.get("/api/v1/services/billing").status()).isEqualTo(404);
        assertThat(client.get("/api/v1/services/billing/explain").body()).contains("expected: one of orders");
        assertThat(client.get("/nowhere").status()).isEqualTo(404);
        assertThat(client.get("/healthz").body()).isEqualTo("ok\n");
        RawClient.Answered deleted = new RawClient(client.server()).ask("DELETE", "/api/v1/status");
        assertThat(deleted.status()).isEqualTo(405);
        RawClient.Answered head = client.ask("HEAD", "/api/v1/status");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void tellsTheEventsAfterOneThatWasSeen() throws IOException {
        RawClient client = serve(AdminServer.builder(twoOrders()));
        events.onPanic("orders", true);
        long seen = events.ring().newest(1).get(0).seq();
        events.onPanic("orders", false);

        assertThat(client.get("/api/v1/events?after=" + seen).body())
                .contains("\"seq\":" + (seen + 1), "\"from\":\"true\",\"to\":\"false\"")
                .doesNotContain("\"seq\":" + seen + ",");
    }

    @Test
    void showsAttemptsWhileSomebodyWatchesAndTheLastFailureAlways() throws IOException {
        Fairlead fairlead = twoOrders();
        RawClient client = serve(AdminServer.builder(fairlead));
        call(fairlead, Outcome.FAILURE);
        assertThat(client.get("/api/v1/services/orders").body())
                .contains("\"picks\":[]")
                .contains("\"lastFailure\":{\"at\":");

        call(fairlead, Outcome.SUCCESS);

        assertThat(client.get("/api/v1/services/orders").body())
                .contains("\"attempt\":1,\"kind\":\"first\"", "\"outcome\":\"success\"");
    }

    private static void call(Fairlead fairlead, Outcome outcome) {
        try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
            attempt.complete(outcome);
        }
    }

    @Test
    void hostileNamesAreEscapedInEveryAnswer() throws IOException {
        String hostile = "</script><img src=x onerror=alert(1)>\"'&";
        RawClient client = serve(AdminServer.builder(fairlead(List.of(ServiceInstance.reader("orders", leftOut -> {})
                .id(hostile)
                .address("10.0.0.1", 80)
                .tag(hostile)
                .metadata("token", "secret-value")
                .build()))));

        for (String path :
                List.of("/", "/api/v1/status", "/api/v1/services/orders", "/api/v1/services/orders/explain")) {
            assertThat(client.get(path).body()).as(path).doesNotContain("<img").doesNotContain("secret-value");
        }
        assertThat(client.get("/api/v1/services/%3Cimg%3E").body()).doesNotContain("<img");
        assertThat(client.get("/api/v1/services/orders").body()).contains("\\u003cimg", "\"metadataKeys\":[\"token\"]");
        assertThat(client.get("/services/orders.txt").header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
    }

    @Test
    void aStreamTellsWhatHoldsAndTheServiceThatIsOpen() throws IOException {
        RawClient client = serve(AdminServer.builder(twoOrders()));
        try (Socket stream = client.open("GET", "/events?service=orders")) {
            assertThat(RawClient.readUntil(stream, "event: service"))
                    .contains("text/event-stream", "retry: 1000", "event: status", "\"service\":\"orders\"");
            events.onPanic("orders", true);
            RawClient.readUntil(stream, "so few instances are usable");
        }
    }

    @Test
    void theSeventeenthStreamIsRefusedUntilOneEnds() throws IOException {
        RawClient client = serve(AdminServer.builder(twoOrders()));
        List<Socket> streams = new ArrayList<>();
        try {
            for (int i = 0; i < Streams.MOST; i++) {
                Socket stream = client.open("GET", "/events");
                RawClient.readUntil(stream, "event: status");
                streams.add(stream);
            }
            RawClient.Answered refused = client.get("/events");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isEqualTo("5");
            assertThat(client.get("/api/v1/status").status()).isEqualTo(200);

            streams.remove(0).close();

            await().untilAsserted(() -> {
                try (Socket again = client.open("GET", "/events")) {
                    assertThat(RawClient.readUntil(again, "\r\n\r\n")).contains(" 200 ");
                }
            });
        } finally {
            for (Socket stream : streams) {
                stream.close();
            }
        }
    }

    @Test
    void closesAlthoughClientsNeverRead() throws IOException {
        Fairlead fairlead = fairlead(
                IntStream.range(0, 10_000).mapToObj(i -> instance("orders", i)).toList());
        AdminServer server =
                AdminServer.builder(fairlead).port(0).events(events).start();
        RawClient client = new RawClient(server.uri());
        try (Socket answer = client.open("GET", "/api/v1/services/orders");
                Socket stream = client.open("GET", "/events?service=orders&limit=10000")) {
            await().until(() -> isAnyThread("write"));

            server.close();

            await().until(() -> !isAnyThread("run"));
            assertThat(answer.isConnected()).isTrue();
            assertThat(stream.isConnected()).isTrue();
        }
    }

    private static boolean isAnyThread(String method) {
        return Thread.getAllStackTraces().values().stream()
                .anyMatch(stack -> Stream.of(stack)
                                .anyMatch(frame -> frame.getClassName().startsWith("io.fairlead.admin.")
                                        && !frame.getClassName().contains("Test"))
                        && Stream.of(stack)
                                .anyMatch(frame -> frame.getMethodName().startsWith(method)));
    }

    @Test
    void aHundredServicesOfAHundredInstancesAreAnswered() throws IOException {
        List<ServiceInstance> all = IntStream.range(0, 10_000)
                .mapToObj(i -> instance("service" + i / 100, i % 100))
                .toList();
        RawClient client = serve(AdminServer.builder(fairlead(all)));

        String status = client.get("/api/v1/status").body();
        assertThat(status.split("\"known\":100,", -1)).hasSize(101);
        assertThat(client.get("/api/v1/services/service42").body().split("\"effectiveWeight\":", -1))
                .hasSize(101);
    }

    @Test
    void rejectsWhatIsNotSafe() {
        Fairlead fairlead = twoOrders();

        assertThatThrownBy(() ->
                        AdminServer.builder(fairlead).port(0).actions(true).start())
                .hasMessage("actions: on (expected: a token too)");
        assertThatThrownBy(() ->
                        AdminServer.builder(fairlead).port(0).address("0.0.0.0").start())
                .hasMessage("address: 0.0.0.0 (expected: a loopback address, or a token too)");
        assertThatThrownBy(() -> AdminServer.builder(fairlead).token("short"))
                .hasMessageStartingWith("token: 5 characters (expected:")
                .hasMessageNotContaining("short");
        RawClient client = serve(AdminServer.builder(fairlead));
        assertThatThrownBy(() -> AdminServer.builder(fairlead)
                        .port(client.server().getPort())
                        .start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("expected: a free port, 0 for any");
    }

    @Test
    void closingTwiceIsClosingOnceAndTheBalancerStays() {
        Fairlead fairlead = twoOrders();
        AdminServer server =
                AdminServer.builder(fairlead).port(0).events(events).start();
        server.close();
        server.close();

        assertThat(fairlead.services()).containsExactly("orders");
        call(fairlead, Outcome.SUCCESS);
    }
}
