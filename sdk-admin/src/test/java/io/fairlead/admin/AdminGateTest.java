// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may read and who may act, through real sockets. */
@Timeout(60)
class AdminGateTest {
    private static final String TOKEN = "a-token-of-some-length";
    private static final String BEARER = "Authorization: Bearer " + TOKEN;

    private final MemoryRegistry registry = MemoryRegistry.create();
    private final Registration own = registry.register(AdminServerTest.instance("orders", 1), HealthCheck.none());
    private final Fairlead fairlead = Fairlead.create(registry);
    private AdminServer server = AdminServer.builder(fairlead).port(0).start();

    private RawClient withToken() {
        server.close();
        server = AdminServer.builder(fairlead)
                .port(0)
                .host("status.example")
                .token(TOKEN)
                .actions(true)
                .start();
        return new RawClient(server.uri());
    }

    @AfterEach
    void close() {
        server.close();
        fairlead.close();
        own.idle();
        registry.close();
    }

    @Test
    void aForeignHostIsRefusedWhateverTheAddress() throws IOException {
        RawClient client = new RawClient(server.uri());
        int port = server.port();

        for (String host :
                new String[] {"evil.example", "evil.example:" + port, "127.0.0.1.evil.example", "localhost.evil", ""}) {
            assertThat(client.get("/api/v1/status", "Host: " + host).status())
                    .as(host)
                    .isEqualTo(403);
            assertThat(client.get("/", "Host: " + host).status()).as(host).isEqualTo(403);
            assertThat(client.get("/events", "Host: " + host).status()).as(host).isEqualTo(403);
        }
        for (String host : new String[] {"localhost", "LOCALHOST:" + port, "127.0.0.1:1", "[::1]:" + port}) {
            assertThat(client.get("/api/v1/status", "Host: " + host).status())
                    .as(host)
                    .isEqualTo(200);
        }
        assertThat(client.get("/api/v1/status", "Host: localhost", "Host: evil.example")
                        .status())
                .isIn(400, 403);
        assertThat(withToken()
                        .get("/api/v1/status", "Host: status.example", BEARER)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void withATokenNothingIsReadWithoutIt() throws IOException {
        RawClient client = withToken();

        for (String path :
                new String[] {"/api/v1/status", "/status.txt", "/api/v1/events", "/events", "/services/orders.txt"}) {
            assertThat(client.get(path).status()).as(path).isEqualTo(401);
            assertThat(client.get(path + "?token=" + TOKEN).status()).as(path).isEqualTo(401);
            assertThat(client.get(path, BEARER + "x").status()).as(path).isEqualTo(401);
        }
        assertThat(client.get("/").status()).isEqualTo(200);
        assertThat(client.get("/").body())
                .doesNotContain("process " + ProcessHandle.current().pid());
        assertThat(client.get("/healthz").status()).isEqualTo(200);
        assertThat(client.get("/api/v1/status", BEARER).status()).isEqualTo(200);
        assertThat(client.get("/api/v1/status", BEARER).body()).doesNotContain(TOKEN);
    }

    @Test
    void aBrowserGetsACookieThatNoScriptReads() throws IOException {
        RawClient client = withToken();

        assertThat(client.post("/api/v1/session").status()).isEqualTo(401);
        String cookie = client.post("/api/v1/session", BEARER).header("Set-Cookie");
        assertThat(cookie).contains("; HttpOnly; SameSite=Strict");
        String pair = cookie.substring(0, cookie.indexOf(';'));
        assertThat(client.get("/api/v1/status", "Cookie: a=b; " + pair).status())
                .isEqualTo(200);
        assertThat(client.get("/api/v1/status", "Cookie: fairlead_token=no").status())
                .isEqualTo(401);
    }

    @Test
    void actionsAreOffUnlessSwitchedOn() throws IOException {
        assertThat(new RawClient(server.uri()).post("/api/v1/actions/drain").body())
                .contains("actions: off");
    }

    @Test
    void anActionNeedsTheTokenAndAPageOfThisServer() throws IOException {
        RawClient client = withToken();
        String drain = "/api/v1/actions/drain?service=orders&id=orders-1";
        String cookie = "Cookie: fairlead_token=" + TOKEN;
        String origin = "Origin: http://" + server.uri().getAuthority();

        assertThat(client.post(drain).status()).isEqualTo(403);
        assertThat(client.post(drain, origin).status()).isEqualTo(403);
        assertThat(client.post(drain, cookie).status())
                .as("no origin, no header")
                .isEqualTo(403);
        assertThat(client.post(drain, BEARER, "Origin: http://evil.example").status())
                .isEqualTo(403);
        assertThat(client.post(drain, cookie, "Origin: null").status()).isEqualTo(403);
        assertThat(own.state()).isEqualTo(Registration.State.REGISTERED);

        assertThat(client.post(drain, cookie, origin).body()).contains("\"done\":[\"orders/orders-1\"]");
        assertThat(own.state()).isEqualTo(Registration.State.DRAINING);
        assertThat(client.post("/api/v1/actions/drain?service=none", BEARER).status())
                .isEqualTo(404);
        assertThat(client.post("/api/v1/actions/reset", BEARER).status()).isEqualTo(404);
        assertThat(client.get(drain, BEARER).status()).as("only a POST acts").isEqualTo(404);
    }
}
