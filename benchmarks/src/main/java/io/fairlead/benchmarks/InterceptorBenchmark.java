// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import com.sun.net.httpserver.HttpServer;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.okhttp.DiscoveryOkHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A GET over loopback to one of three servers: by three plain URLs, by a hand-written rewriting interceptor, by ours. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class InterceptorBenchmark {
    static {
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final List<HttpServer> servers = new ArrayList<>();
    private final List<Request> plainRequests = new ArrayList<>();
    private final Request logical =
            new Request.Builder().url("http://orders/v1/42").build();
    private final AtomicInteger turn = new AtomicInteger();
    private OkHttpClient plain;
    private OkHttpClient rewriting;
    private OkHttpClient ours;
    private Fairlead fairlead;

    /** Starts three servers and three clients. */
    @Setup(Level.Trial)
    public void start() throws IOException {
        MemoryRegistry registry = MemoryRegistry.create();
        for (int i = 0; i < 3; i++) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
            server.setExecutor(Executors.newCachedThreadPool());
            server.createContext("/", exchange -> {
                try (exchange) {
                    exchange.sendResponseHeaders(200, 100);
                    exchange.getResponseBody().write(new byte[100]);
                }
            });
            server.start();
            servers.add(server);
            int port = server.getAddress().getPort();
            plainRequests.add(new Request.Builder()
                    .url("http://127.0.0.1:" + port + "/v1/42")
                    .build());
            registry.register(
                    ServiceInstance.builder("orders")
                            .id("i" + i)
                            .address("127.0.0.1", port)
                            .build(),
                    HealthCheck.none());
        }
        plain = new OkHttpClient();
        rewriting = new OkHttpClient.Builder()
                .addInterceptor(chain -> {
                    HttpUrl target = plainRequests.get(next()).url();
                    return chain.proceed(
                            chain.request().newBuilder().url(target).build());
                })
                .build();
        fairlead = Fairlead.builder(registry).policy("round_robin").build();
        ours = DiscoveryOkHttp.newClient(fairlead);
    }

    /** Stops them. */
    @TearDown(Level.Trial)
    public void stop() {
        fairlead.close();
        servers.forEach(server -> server.stop(0));
    }

    /** Three prebuilt requests in turn. */
    @Benchmark
    public long plain() throws IOException {
        return get(plain, plainRequests.get(next()));
    }

    /** A minimal interceptor that rewrites the URL. */
    @Benchmark
    public long handWritten() throws IOException {
        return get(rewriting, logical);
    }

    /** The discovery interceptor. */
    @Benchmark
    public long fairlead() throws IOException {
        return get(ours, logical);
    }

    private int next() {
        return Integer.remainderUnsigned(turn.getAndIncrement(), 3);
    }

    private static long get(OkHttpClient client, Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.body().bytes().length;
        }
    }
}
