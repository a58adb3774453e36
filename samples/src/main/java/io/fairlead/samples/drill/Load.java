// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.drill;

import io.fairlead.api.Registry;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.okhttp.DiscoveryOkHttp;
import io.fairlead.samples.demo.CallLog;
import io.fairlead.samples.demo.OpenLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** 200 GETs a second to the service {@code orders}, in an open loop, over a balancer of its own. Not thread-safe. */
public final class Load implements AutoCloseable {
    private static final int CALLS_A_SECOND = 200;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final CallLog log = new CallLog();
    private final Fairlead fairlead;
    private final OkHttpClient client;
    private @Nullable OpenLoop loop;

    private Load(FairleadBuilder balancer, Consumer<OkHttpClient.Builder> settings) {
        fairlead = balancer.listener(log)
                .addressPolicy(AddressPolicy.defaults().allowLoopback())
                .build();
        OkHttpClient.Builder builder = DiscoveryOkHttp.configure(new OkHttpClient.Builder(), fairlead);
        settings.accept(builder);
        client = builder.build();
    }

    /** With every default. */
    public static Load on(Registry registry) {
        return new Load(Fairlead.builder(registry), client -> {});
    }

    /** With a balancer of the caller's choice, whose listener it takes. */
    public static Load with(FairleadBuilder balancer) {
        return new Load(balancer, client -> {});
    }

    /** With a balancer and timeouts of the caller's choice. */
    public static Load with(FairleadBuilder balancer, Consumer<OkHttpClient.Builder> settings) {
        return new Load(balancer, settings);
    }

    /** What happened so far. */
    public CallLog log() {
        return log;
    }

    /** Offers calls, from the first time on, and returns after so many seconds; the calls go on. */
    public void runFor(int seconds) {
        start();
        LockSupport.parkNanos(seconds * SECOND);
    }

    /** Offers calls from now on. */
    public void start() {
        if (loop == null) {
            loop = OpenLoop.start(client, "http://orders/v1/42", CALLS_A_SECOND, log);
        }
    }

    /** Waits, a minute at most, until so many instances are usable. */
    public void awaitInstances(int count) {
        await(() -> {
            // Each time: a name without instances is forgotten after two seconds.
            fairlead.awaitReady(Duration.ofSeconds(30), "orders");
            return usable() >= count;
        });
    }

    /** Waits, a minute at most, until an instance is listed; nanoseconds from {@code sinceNanos} to then. */
    public long awaitInstance(String id, long sinceNanos) {
        await(() -> ids().contains(id));
        return System.nanoTime() - sinceNanos;
    }

    /** The balancer whose calls are the load. */
    public Fairlead fairlead() {
        return fairlead;
    }

    /** The client whose calls are the load, for calls of another kind. */
    public OkHttpClient client() {
        return client;
    }

    /** The ids that are listed or held. */
    public List<String> ids() {
        return status().instances().stream().map(view -> view.instance().id()).toList();
    }

    /** What the balancer knows. */
    public ServiceStatus status() {
        ServiceStatus status = fairlead.status("orders");
        if (status == null) {
            throw new IllegalStateException("'orders' is not watched");
        }
        return status;
    }

    /** Waits, a minute and a half at most; nanoseconds it took. */
    public static long await(BooleanSupplier condition) {
        long startNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNanos > 90 * SECOND) {
                throw new IllegalStateException("not within a minute and a half");
            }
            LockSupport.parkNanos(SECOND / 100);
        }
        return System.nanoTime() - startNanos;
    }

    private long usable() {
        return status().instances().stream()
                .filter(view -> view.instance().status().isUsable())
                .count();
    }

    @Override
    public void close() throws InterruptedException {
        if (loop != null) {
            loop.close();
        }
        fairlead.close();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
