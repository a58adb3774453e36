// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadOptions;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Routes;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.okhttp.DiscoveryOkHttp;
import io.fairlead.routes.RouteDocument;
import io.fairlead.samples.demo.HttpInstance;
import io.fairlead.spi.RequestFacts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each recipe says the same in code and in a document, and calls go where it says. */
class RoutingTest {
    private static final List<ServiceInstance> INSTANCES = List.of(
            instance("s1").version("v1").tag("blue").zone("cn-shanghai-1").build(),
            instance("s2").version("v1").tag("blue").zone("cn-shanghai-2").build(),
            instance("c1")
                    .version("v2")
                    .tag("canary")
                    .tag("green")
                    .zone("cn-beijing-1")
                    .build(),
            instance("c2")
                    .version("v2")
                    .tag("canary")
                    .tag("green")
                    .zone("cn-beijing-2")
                    .build(),
            instance("p1").version("v3").metadata("env", "pre").build());

    private Fairlead fairlead;

    @AfterEach
    void close() {
        if (fairlead != null) {
            fairlead.close();
        }
    }

    private record Request(String method, String path, Map<String, String> headers) implements RequestFacts {
        @Override
        public String header(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }
    }

    @Test
    void everyRecipeIsTheSameInCodeAndInItsDocument() throws IOException {
        Map<String, Routes> inCode = new TreeMap<>();
        inCode.put("canary-by-header", Routing.canaryByHeader());
        inCode.put("canary-by-user-agent", Routing.canaryByUserAgent());
        inCode.put("canary-by-region", Routing.canaryByRegion());
        inCode.put("percentage-of-users", Routing.percentageOfUsers());
        inCode.put("ninety-ten", Routing.ninetyTen());
        inCode.put("blue-green", Routing.blueGreen());
        inCode.put("blue-green-ramp", Routing.blueGreenRamp());
        inCode.put("zone-local", Routing.zoneLocal());
        inCode.put("sticky-sessions", Routing.stickySessions());
        inCode.put("mirror", Routing.mirror());
        inCode.put("live-weights", Routing.liveWeights(10));
        for (Map.Entry<String, Routes> recipe : inCode.entrySet()) {
            RouteDocument document = document(recipe.getKey());
            assertThat(document.version()).isEqualTo(recipe.getKey());
            assertThat(document.routes()).containsExactly(Map.entry("orders", recipe.getValue()));
        }
    }

    /** Each example stands there once more, as it is in the file of its name. */
    @Test
    void thePageShowsTheDocumentsOfTheRecipes() throws IOException {
        TreeSet<String> shown = new TreeSet<>(documentsIn("docs/routing.md"));
        TreeSet<String> files = new TreeSet<>();
        try (var folder = Files.list(Path.of("src/main/resources/routes"))) {
            for (Path file : folder.toList()) {
                files.add(Files.readString(file));
            }
        }
        assertThat(shown).isEqualTo(files);
    }

    @Test
    void theDocumentsOfTheOtherPagesAreRight() throws IOException {
        for (String page : List.of("README.md", "docs/live-routes.md")) {
            assertThat(documentsIn(page)).isNotEmpty();
            for (String text : documentsIn(page)) {
                RouteDocument document = RouteDocument.read(text.getBytes(StandardCharsets.UTF_8));
                assertThat(document.routes()).isNotEmpty();
                assertThat(document.lint()).as(page).isEmpty();
            }
        }
    }

    private static List<String> documentsIn(String page) throws IOException {
        return Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("..").resolve(page)))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    @Test
    void testersGoToTheCanaryByHeader() throws IOException {
        follow("canary-by-header", INSTANCES);
        assertThat(calls(100, call -> get("/v1/7", "X-User-Tag", "canary"))).containsOnlyKeys("c1", "c2");
        assertThat(calls(100, call -> get("/v1/7"))).containsOnlyKeys("s1", "s2");
    }

    @Test
    void anAppGoesToTheCanaryByItsUserAgent() throws IOException {
        follow("canary-by-user-agent", INSTANCES);
        assertThat(calls(50, call -> get("/v1/7", "User-Agent", "TestApp/v2.1")))
                .containsOnlyKeys("c1", "c2");
        assertThat(calls(50, call -> get("/v1/7", "User-Agent", "TestApp/v20"))).containsOnlyKeys("s1", "s2");
    }

    @Test
    void aRegionGoesToItsOwnInstances() throws IOException {
        follow("canary-by-region", INSTANCES);
        assertThat(calls(50, call -> get("/v1/7", "X-Region", "beijing"))).containsOnlyKeys("c1", "c2");
        assertThat(calls(50, call -> get("/v1/7", "X-Region", "shanghai"))).containsOnlyKeys("s1", "s2");
    }

    @Test
    void aTenthOfUsersGoesToTheCanaryAndStaysThere() throws IOException {
        follow("percentage-of-users", INSTANCES);
        IntFunction<PickContext> users = call -> get("/", "X-User-Id", "user-" + call);
        Map<String, Integer> first = calls(2_000, users);
        assertThat(canary(first)).isBetween(140, 260);
        assertThat(canary(calls(2_000, users))).isEqualTo(canary(first));
        assertThat(calls(100, call -> get("/"))).containsOnlyKeys("s1", "s2");
    }

    @Test
    void aTenthOfTheCallsBelowAPathGoesToTheNextVersion() throws IOException {
        follow("ninety-ten", INSTANCES);
        assertThat(canary(calls(2_000, call -> get("/v1/7")))).isBetween(130, 270);
        assertThat(calls(100, call -> get("/v10"))).containsOnlyKeys("s1", "s2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"blue-green", "blue-green-ramp"})
    void allCallsGoToGreenAndToBlueWhenThereIsNoGreen(String recipe) throws IOException {
        follow(recipe, INSTANCES);
        assertThat(calls(100, call -> get("/"))).containsOnlyKeys("c1", "c2");
        fairlead.close();
        follow(recipe, INSTANCES.subList(0, 2));
        assertThat(calls(100, call -> get("/"))).containsOnlyKeys("s1", "s2");
    }

    @Test
    void callsStayInTheRegionOfTheProcess() throws IOException {
        follow("zone-local", INSTANCES, Caller.unknown().withZone("cn-beijing-7"));
        assertThat(calls(50, call -> get("/"))).containsOnlyKeys("c1", "c2");
        fairlead.close();
        follow("zone-local", INSTANCES, Caller.unknown().withZone("cn-shanghai-1"));
        assertThat(calls(50, call -> get("/"))).containsOnlyKeys("s1", "s2");
        fairlead.close();
        follow("zone-local", INSTANCES);
        assertThat(calls(400, call -> get("/"))).containsOnlyKeys("c1", "c2", "s1", "s2");
    }

    @Test
    void aSessionStaysAtOneInstance() throws IOException {
        follow("sticky-sessions", INSTANCES);
        for (int session = 0; session < 40; session++) {
            PickContext context = get("/", "Cookie", "sid=session-" + session);
            assertThat(calls(10, call -> context)).hasSize(1);
        }
        IntFunction<PickContext> sessions = call -> get("/", "Cookie", "sid=session-" + call);
        assertThat(calls(400, sessions)).containsOnlyKeys("c1", "c2", "s1", "s2");
    }

    /** Real servers count; of 300 calls none has a copy once in five million runs. */
    @Test
    void callsThatAreMirroredAreAnsweredAsTheOthersAndTheirCopiesArriveAtTheMirror() throws IOException {
        try (HttpInstance stable = HttpInstance.start("s1");
                HttpInstance mirror = HttpInstance.start("p1")) {
            follow(
                    "mirror",
                    List.of(
                            at(stable).version("v1").build(),
                            at(mirror).version("v3").metadata("env", "pre").build()));
            OkHttpClient client = DiscoveryOkHttp.newClient(fairlead);
            for (int i = 0; i < 300; i++) {
                assertThat(body(client, i % 2 == 0 ? "/v1/7" : "/v1")).contains("\"from\":\"s1\"");
            }
            assertThat(body(client, "/v10")).contains("\"from\":\"s1\"");
            await().until(() -> mirror.served("copied") > 0);
            assertThat(mirror.served()).isEqualTo(mirror.served("copied")).isLessThan(60);
            assertThat(stable.served()).isEqualTo(301);
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        }
    }

    private static ServiceInstance.Builder at(HttpInstance server) {
        return ServiceInstance.builder("orders").id(server.id()).address("127.0.0.1", server.port());
    }

    private static String body(OkHttpClient client, String path) throws IOException {
        okhttp3.Request request = new okhttp3.Request.Builder()
                .url("http://orders" + path)
                .header(HttpInstance.MARK, "copied")
                .build();
        try (Response response = client.newCall(request).execute()) {
            return response.body().string();
        }
    }

    @Test
    void aWeightIsChangedWhileUsersStayWhereTheyAre() throws IOException {
        follow("live-weights", INSTANCES);
        IntFunction<PickContext> users = call -> get("/", "X-User-Id", "user-" + call);
        int before = 0;
        for (int weight : List.of(10, 50, 100)) {
            String text = text("live-weights")
                    .replace("canary, weight: 10", "canary, weight: " + weight)
                    .replace("stable, weight: 90", "stable, weight: " + (100 - weight));
            RouteDocument document = RouteDocument.read(text.getBytes(StandardCharsets.UTF_8));
            assertThat(document.routes()).containsEntry("orders", Routing.liveWeights(weight));
            fairlead.reconfigure(document.over(FairleadOptions.defaults()));
            int now = canary(calls(1_000, users));
            assertThat(now).isGreaterThan(before);
            before = now;
        }
        assertThat(before).isEqualTo(1_000);
    }

    @Test
    void callersSeeNothingWhileTheCanaryIsAway() throws IOException {
        for (String recipe : List.of("canary-by-header", "percentage-of-users", "live-weights", "ninety-ten")) {
            follow(recipe, INSTANCES.subList(0, 2));
            IntFunction<PickContext> users = call -> get("/v1/7", "X-User-Id", "user-" + call, "X-User-Tag", "canary");
            assertThat(calls(100, users)).containsOnlyKeys("s1", "s2");
            fairlead.close();
        }
    }

    private void follow(String recipe, List<ServiceInstance> instances) throws IOException {
        follow(recipe, instances, Caller.unknown());
    }

    private void follow(String recipe, List<ServiceInstance> instances, Caller caller) throws IOException {
        FairleadOptions options =
                document(recipe).over(FairleadOptions.defaults().withCaller(caller));
        fairlead =
                Fairlead.builder(MemoryRegistry.of(instances)).options(options).build();
        fairlead.awaitReady(Duration.ofSeconds(10), "orders");
    }

    private Map<String, Integer> calls(int count, IntFunction<PickContext> requests) {
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            try (Attempt attempt = fairlead.acquire("orders", requests.apply(i))) {
                counts.merge(attempt.instance().id(), 1, Integer::sum);
            }
        }
        return counts;
    }

    private static int canary(Map<String, Integer> counts) {
        return counts.getOrDefault("c1", 0) + counts.getOrDefault("c2", 0);
    }

    private static PickContext get(String path, String... headers) {
        Map<String, String> named = new TreeMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            named.put(headers[i], headers[i + 1]);
        }
        return PickContext.of(new Request("GET", path, named), null);
    }

    private static RouteDocument document(String recipe) throws IOException {
        return RouteDocument.read(text(recipe).getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String recipe) throws IOException {
        try (InputStream in = Routing.class.getResourceAsStream("/routes/" + recipe + ".yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static ServiceInstance.Builder instance(String id) {
        return ServiceInstance.builder("orders").id(id).address("10.0.0.1", 8000 + id.hashCode() % 1_000);
    }
}
