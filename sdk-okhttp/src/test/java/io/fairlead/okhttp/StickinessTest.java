// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.testkit.LeakCheck;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a request says reaches the policy. */
class StickinessTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @Test
    void callsWithTheSameCookieGoToTheSameInstance() throws Exception {
        List<MockWebServer> servers = new ArrayList<>();
        try (World world = new World(builder -> builder.forService(
                "orders", o -> o.withPolicy(new RingHashPolicy().keyedBy(StickyKey.cookie("sid")))))) {
            for (String id : List.of("a", "b", "c")) {
                MockWebServer server = new MockWebServer();
                server.setDispatcher(new Dispatcher() {
                    @Override
                    public MockResponse dispatch(RecordedRequest request) {
                        return new MockResponse.Builder().body(id).build();
                    }
                });
                server.start();
                servers.add(server);
                world.add(id, server.getPort());
            }
            world.awaitInstances(3);
            Set<String> used = new HashSet<>();
            for (int session = 0; session < 30; session++) {
                String first = get(world, "a=1; sid=s" + session);
                assertThat(get(world, "sid=s" + session)).isEqualTo(first);
                used.add(first);
            }
            assertThat(used).hasSize(3);
        } finally {
            servers.forEach(MockWebServer::close);
        }
    }

    private static String get(World world, String cookie) throws Exception {
        Request request = new Request.Builder()
                .url("http://orders/")
                .header("Cookie", cookie)
                .build();
        try (Response response = world.client.newCall(request).execute()) {
            return response.body().string();
        }
    }
}
