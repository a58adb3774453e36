// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpServer;
import io.fairlead.api.EventListener;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.Fairlead;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.etcd.EtcdRegistry;
import io.fairlead.http.DiscoveryHttpClient;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.okhttp.DiscoveryOkHttp;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.MarkedSecret;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A marked secret stands in every place where one may stand; nothing that comes out has it: log, events, exceptions, status,
 * explanations, options, statistics, descriptions. One more output is one more {@code look}.
 */
class SecretsTest {
    private final MarkedSecret secrets = new MarkedSecret();
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final EventListener everything = (EventListener) Proxy.newProxyInstance(
            SecretsTest.class.getClassLoader(), new Class<?>[] {EventListener.class}, (proxy, method, arguments) -> {
                if (arguments != null && method.getName().startsWith("on")) {
                    Arrays.stream(arguments).forEach(each -> secrets.look(method.getName(), each));
                }
                return null;
            });
    private final Environment environment = Environment.system().andListener(everything);

    @BeforeEach
    void capture() {
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void giveBack() {
        System.setErr(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "consul://joe:%s@localhost:8500",
                "consul://joe:%s@local host:8500",
                "consul://joe:%s/x@local host:8500",
                "consul://localhost:8500?token=%s",
                "consul://localhost:8500/path?dc=%s",
                "etcd://joe:%s@localhost:2379",
                "etcd://joe:%s@[:2379",
                "etcd://localhost:2379?password=%s",
                "file://joe:%s@host/etc/services.json",
                "file:/etc/services.json?key=%s",
                "memory:joe:%s@x",
                "memory:x?key=%s",
                "nope://joe:%s@localhost",
                "nope://localhost?key=%s",
                "//joe:%s@localhost",
            })
    void noMessageOfAUriHasWhatMayBeASecretInIt(String pattern) {
        String uri = pattern.formatted(secrets.at("URI"));
        secrets.look(
                uri, catchThrowable(() -> Registry.connect(uri, environment).close()));
        secrets.look("document " + uri, catchThrowable(() -> Registry.document(uri, environment)));
        assertThat(secrets.leaks()).isEmpty();
    }

    @Test
    void noTokenOfConsulComesOut() throws Exception {
        String token = secrets.at("consul token");
        HttpServer consul = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        consul.createContext("/", exchange -> {
            byte[] body = ("token " + token + " lacks permission").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Connection", "close");
            exchange.sendResponseHeaders(403, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        consul.start();
        try (Registry registry = ConsulRegistry.builder()
                .address("127.0.0.1:" + consul.getAddress().getPort())
                .token(token)
                .environment(environment)
                .build()) {
            refused(registry);
        } finally {
            consul.stop(0);
        }
        assertThat(secrets.leaks()).isEmpty();
    }

    @Test
    void noPasswordOfEtcdComesOut() {
        try (Registry registry = EtcdRegistry.builder()
                .endpoints(List.of("127.0.0.1:1"))
                .user("joe", secrets.at("etcd password"))
                .environment(environment)
                .build()) {
            refused(registry);
        }
        assertThat(secrets.leaks()).isEmpty();
    }

    private void refused(Registry registry) {
        ServiceInstance instance = instance();
        secrets.look("list", catchThrowable(() -> registry.list("orders")));
        secrets.look("register", catchThrowable(() -> registry.register(instance, HealthCheck.none())));
        secrets.look("registry", registry);
        secrets.look("description", registry.description());
        secrets.look("registrations", registry.registrations());
        try (Fairlead fairlead =
                Fairlead.builder(registry).environment(environment).build()) {
            secrets.look("not ready", catchThrowable(() -> fairlead.awaitReady(Duration.ofMillis(200), "orders")));
            lookAtAll(fairlead);
        }
    }

    @Test
    void neitherMetadataNorHeadersNorQueriesComeOut() throws Exception {
        try (Registry registry =
                        MemoryRegistry.builder().environment(environment).build();
                Fairlead fairlead = Fairlead.builder(registry)
                        .environment(environment)
                        .addressPolicy(AddressPolicy.defaults().allowLoopback())
                        .build()) {
            registry.register(instance(), HealthCheck.none());
            OkHttpClient okHttp = DiscoveryOkHttp.newClient(fairlead);
            String url = "http://orders/v1?key=" + secrets.at("query");
            secrets.look(
                    "OkHttp",
                    catchThrowable(() -> okHttp.newCall(new Request.Builder()
                                    .url(url)
                                    .header("Authorization", "Bearer " + secrets.at("header"))
                                    .build())
                            .execute()));
            HttpClient jdk = DiscoveryHttpClient.wrap(HttpClient.newHttpClient(), fairlead);
            secrets.look(
                    "JDK's client",
                    catchThrowable(() -> jdk.send(
                            HttpRequest.newBuilder(URI.create(url))
                                    .header("Authorization", "Bearer " + secrets.at("header"))
                                    .build(),
                            BodyHandlers.ofString())));
            lookAtAll(fairlead);
        }
        assertThat(secrets.leaks()).isEmpty();
        assertThat(secrets.outputs()).contains("OkHttp", "JDK's client", "onAttempt", "onCall", "status", "log");
    }

    private void lookAtAll(Fairlead fairlead) {
        secrets.look("status", fairlead.status("orders"));
        secrets.look("explain", fairlead.explain("orders"));
        secrets.look("statistics", fairlead.statistics("orders"));
        secrets.look("options", fairlead.options());
        secrets.look("balancer", fairlead);
        secrets.look("services", fairlead.services());
        secrets.look("log", log.toString(StandardCharsets.UTF_8));
    }

    private ServiceInstance instance() {
        return ServiceInstance.builder("orders")
                .id("orders-1")
                .address("127.0.0.1", 1)
                .metadata("password", secrets.at("metadata"))
                .build();
    }
}
