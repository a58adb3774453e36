// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What requests say of their route. */
class TellTest {
    private static final String HEADER = CallSpec.ROUTE_HEADER;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final List<MockWebServer> servers = new ArrayList<>();
    /** The values of the header that each server saw, one list for a request. */
    private final Map<String, List<List<String>>> seen = new ConcurrentHashMap<>();

    private World world;

    @AfterEach
    void stop() {
        world.assertNothingInFlight();
        world.close();
        servers.forEach(MockWebServer::close);
    }

    @Test
    void aRuleThatTellsSaysRuleAndSubsetInPlaceOfWhatTheCallerSays() throws IOException {
        world(true);
        serve("canary", request -> ok());
        try (Response response = call(request().header(HEADER, "forged").build())) {
            assertThat(response.request().headers(HEADER)).containsExactly("forged");
        }
        try (Response response = call(request().build())) {
            assertThat(response.request().headers(HEADER)).isEmpty();
        }
        assertThat(seen.get("canary")).isEqualTo(List.of(List.of("default/canary"), List.of("default/canary")));
    }

    @Test
    void theSubsetIsTheOneThatIsUsed() throws IOException {
        world(true);
        serve("canary", request -> new MockResponse.Builder().code(503).build());
        serve("stable", request -> ok());
        call(request().build()).close();
        assertThat(seen.get("canary")).containsExactly(List.of("default/canary"));
        assertThat(seen.get("stable")).containsExactly(List.of("default/stable"));
    }

    @Test
    void withoutItNothingOfOursIsOnTheWire() throws IOException {
        world(false);
        serve("canary", request -> ok());
        call(request().build()).close();
        call(request().header(HEADER, "the caller's").build()).close();
        assertThat(seen.get("canary")).containsExactly(List.of(), List.of("the caller's"));
    }

    @Test
    void aRedirectToElsewhereCarriesNothingOfIt() throws IOException {
        world(true);
        MockWebServer outside = server("outside", request -> ok());
        serve("canary", request -> redirect("http://localhost:" + outside.getPort() + "/there"));
        try (Response response = call(request().build())) {
            assertThat(response.priorResponse().request().headers(HEADER)).isEmpty();
        }
        assertThat(seen.get("canary")).containsExactly(List.of("default/canary"));
        assertThat(seen.get("outside")).containsExactly(List.of());
    }

    @Test
    void aRedirectToTheServiceTellsItsOwn() throws IOException {
        world(true);
        serve("canary", request -> request.getUrl().encodedPath().equals("/") ? redirect("http://orders/there") : ok());
        call(request().header(HEADER, "forged").build()).close();
        assertThat(seen.get("canary")).isEqualTo(List.of(List.of("default/canary"), List.of("default/canary")));
    }

    private void world(boolean tells) {
        Rule.Builder rule = Rule.otherwise().to("canary").fallback("stable");
        Routes routes = Routes.builder()
                .subset("canary", Subset.ofTags("canary"))
                .subset("stable", Subset.ofTags("stable"))
                .otherwise((tells ? rule.tell() : rule).build())
                .build();
        world = new World(builder -> builder.forService("orders", options -> options.withRoutes(routes)));
    }

    private void serve(String tag, Function<RecordedRequest, MockResponse> answer) throws IOException {
        world.registry.register(
                ServiceInstance.builder("orders")
                        .id(tag)
                        .tag(tag)
                        .address("127.0.0.1", server(tag, answer).getPort())
                        .build(),
                HealthCheck.none());
        world.awaitInstances((int)
                seen.keySet().stream().filter(name -> !name.equals("outside")).count());
    }

    private MockWebServer server(String name, Function<RecordedRequest, MockResponse> answer) throws IOException {
        List<List<String>> values = new CopyOnWriteArrayList<>();
        seen.put(name, values);
        MockWebServer server = new MockWebServer();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                values.add(request.getHeaders().values(HEADER));
                return answer.apply(request);
            }
        });
        server.start();
        servers.add(server);
        return server;
    }

    private static Request.Builder request() {
        return new Request.Builder().url("http://orders/");
    }

    private Response call(Request request) throws IOException {
        return world.client.newCall(request).execute();
    }

    private static MockResponse ok() {
        return new MockResponse.Builder().body("ok").build();
    }

    private static MockResponse redirect(String to) {
        return new MockResponse.Builder().code(302).setHeader("Location", to).build();
    }
}
