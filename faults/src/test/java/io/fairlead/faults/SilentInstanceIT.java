// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.samples.demo.CallLog;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Instances whose network or process goes silent. The client waits a second for a connection and for an answer. */
class SilentInstanceIT {
    private static final HealthCheck CHECK =
            HealthCheck.http("/health").every(Duration.ofSeconds(1)).timeout(Duration.ofSeconds(1));

    @ParameterizedTest
    @CsvSource({"F29, 3, 5, 75", "F29 without retries, 1, 60, 75"})
    @Tag("long")
    void oneOfFourIsABlackHole(String number, int attempts, int most, int mostSlow) throws Exception {
        try (ConsulServer consul = ConsulServer.start();
                Registry registry = Registry.connect(consul.uri());
                Rig rig = new Rig();
                TcpProxy proxy = TcpProxy.to("127.0.0.1", rig.instances.get(0).port());
                Load load = Load.with(
                        Fairlead.builder(registry).attempts(attempts), SilentInstanceIT::aSecondForEverything)) {
            rig.instances
                    .subList(1, 4)
                    .forEach(each -> registry.register(Rig.value(each), CHECK).idle());
            registry.register(at("orders-1", proxy.port()), CHECK).idle();
            load.awaitInstances(4);
            load.runFor(10);
            long from = load.log().now();
            proxy.mode(TcpProxy.Mode.BLACK_HOLE);
            load.runFor(15);
            List<CallLog.Call> calls = Rig.since(load, from);
            record(
                    number,
                    "one of four swallows everything, HTTP check every second, attempts " + attempts,
                    "failed ≤ " + most + "; over 1 s ≤ " + mostSlow,
                    Rig.failed(calls) + " of " + calls.size() + " failed; " + Rig.slow(calls) + " over 1 s",
                    Rig.failed(calls) <= most && Rig.slow(calls) <= mostSlow);
            assertThat(Rig.failed(calls)).isLessThan(3L * most);
        }
    }

    @Test
    @Tag("long")
    void oneOfFourIsStopped() throws Exception {
        try (ConsulServer consul = ConsulServer.start();
                Registry registry = Registry.connect(consul.uri());
                Fleet fleet = new Fleet(consul, 4);
                Load load = Load.with(Fairlead.builder(registry), SilentInstanceIT::aSecondForEverything)) {
            load.awaitInstances(4);
            load.runFor(10);
            long from = load.log().now();
            fleet.processes.get(0).pause();
            load.runFor(3);
            long later = load.log().now();
            load.runFor(12);
            List<CallLog.Call> calls = Rig.since(load, from);
            long probes = load.log().picks(later, load.log().now()).stream()
                    .filter(pick -> pick.instance().equals("orders-1"))
                    .count();
            record(
                    "F30",
                    "one of four gets SIGSTOP, HTTP check every second",
                    "failed ≤ 10; ≤ 1 attempt a second on it after 3 s",
                    Rig.failed(calls) + " of " + calls.size() + " failed; " + probes + " attempts on it in 12 s",
                    Rig.failed(calls) <= 10 && probes <= 12);
            assertThat(Rig.failed(calls)).isLessThan(30);
        }
    }

    @Test
    void aPostIsNeverSentTwiceAfterItsBytesLeft() throws Exception {
        Map<String, Integer> arrived = new ConcurrentHashMap<>();
        HttpServer server = counting(arrived);
        int port = server.getAddress().getPort();
        try (MemoryRegistry registry = MemoryRegistry.create();
                TcpProxy one = TcpProxy.to("127.0.0.1", port);
                TcpProxy two = TcpProxy.to("127.0.0.1", port);
                Load load = Load.on(registry)) {
            registry.register(at("orders-1", one.port()), HealthCheck.none()).idle();
            registry.register(at("orders-2", two.port()), HealthCheck.none()).idle();
            load.awaitInstances(2);
            one.mode(TcpProxy.Mode.RESET_ON_ANSWER);
            two.mode(TcpProxy.Mode.RESET_ON_ANSWER);
            int broken = 0;
            for (int i = 0; i < 1_000; i++) {
                broken += breaks(load.client(), "POST", "post-" + i) ? 1 : 0;
            }
            long twice = arrived.values().stream().filter(times -> times > 1).count();
            long delivered = arrived.size();
            arrived.clear();
            for (int i = 0; i < 20; i++) {
                breaks(load.client(), "GET", "get-" + i);
            }
            long gets = arrived.values().stream().filter(times -> times > 1).count();
            record(
                    "F38",
                    "1,000 POSTs, each reset after it had been sent",
                    "none arrives twice",
                    twice + " twice; " + delivered + " arrived, " + broken + " failed (of 20 GETs treated so, " + gets
                            + " were sent again)",
                    twice == 0);
            assertThat(twice).isZero();
            assertThat(delivered).isGreaterThan(900);
            assertThat(gets).isPositive();
        } finally {
            server.stop(0);
        }
    }

    private static boolean breaks(OkHttpClient client, String method, String id) {
        RequestBody body = method.equals("POST") ? RequestBody.create(new byte[] {1, 2, 3}, null) : null;
        Request request = new Request.Builder()
                .url("http://orders/" + id)
                .method(method, body)
                .build();
        try (Response response = client.newCall(request).execute()) {
            return !response.isSuccessful();
        } catch (IOException reset) {
            return true;
        }
    }

    private static HttpServer counting(Map<String, Integer> arrived) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "counting");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            arrived.merge(exchange.getRequestURI().getPath(), 1, Integer::sum);
            try (exchange) {
                exchange.sendResponseHeaders(200, -1);
            }
        });
        server.start();
        return server;
    }

    private static void aSecondForEverything(OkHttpClient.Builder client) {
        client.connectTimeout(Duration.ofSeconds(1)).readTimeout(Duration.ofSeconds(1));
    }

    private static ServiceInstance at(String id, int port) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("127.0.0.1", port)
                .build();
    }
}
