// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.routes.LiveRoutes;
import io.fairlead.samples.demo.HttpInstance;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.server.ConsulServer;
import io.fairlead.testkit.server.EtcdServer;
import io.fairlead.testkit.server.RegistryServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Collectors;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Four instances of version 1 and two of version 2 at a real registry, 200 calls a second to them, and a document under one of
 * the registry's keys that says where they go. Each call carries a mark: the phase it was begun in, and its kind; instances
 * count by it. Every fifth call is a tester's; users are a hundred. Not thread-safe.
 */
final class RoutedLoad implements AutoCloseable {
    static final String OLD = "v1";
    static final String NEW = "v2";
    private static final String KEY = "fairlead/routes";
    private static final int USERS = 100;

    final List<HttpInstance> old = new ArrayList<>();
    final List<HttpInstance> fresh = new ArrayList<>();
    final Load load;
    private final RegistryServer server;
    private final Registry registry;
    private final List<Registration> registrations = new ArrayList<>();
    private final LiveRoutes live;
    private final AtomicInteger number = new AtomicInteger();
    private final AtomicIntegerArray underWay = new AtomicIntegerArray(10);
    private volatile int phase = 1;

    /** With the first document, in force before the first call. */
    RoutedLoad(RegistryServer server, String document) throws IOException {
        this.server = server;
        write(document);
        registry = Registry.connect(server.uri());
        // The first call in a JVM loads classes, which takes longer than a call may on a busy machine.
        Load.await(this::isAnswered);
        for (int i = 1; i <= 4; i++) {
            old.add(instance("orders-old-" + i));
            register("orders", old.get(i - 1), OLD, "blue");
        }
        for (int i = 1; i <= 2; i++) {
            fresh.add(instance("orders-new-" + i));
            register("orders", fresh.get(i - 1), NEW, "canary");
        }
        load = Load.with(
                Fairlead.builder(registry), client -> client.interceptors().add(0, this::mark));
        live = LiveRoutes.start(load.fairlead(), Registry.document(server.uri() + "/" + KEY));
        load.awaitInstances(6);
        awaitInForce(document);
        load.start();
    }

    private boolean isAnswered() {
        try {
            return registry.services() != null;
        } catch (RegistryException busy) {
            return false;
        }
    }

    static HttpInstance instance(String id) throws IOException {
        return HttpInstance.start(id);
    }

    void register(String service, HttpInstance instance, String version, String tag) {
        ServiceInstance value = ServiceInstance.builder(service)
                .id(instance.id())
                .address("127.0.0.1", instance.port())
                .version(version)
                .tag(tag)
                .build();
        registrations.add(registry.register(value, HealthCheck.none()));
    }

    /** Writes the one key; seconds until what it says is in force, with those of the command that writes. */
    double rewrite(String document) {
        int ended = endPhase();
        long startNanos = System.nanoTime();
        write(document);
        awaitInForce(document);
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        phase = ended + 1;
        return seconds;
    }

    /** A new phase, since something else happens. */
    void nextPhase(Runnable event) {
        int ended = endPhase();
        event.run();
        phase = ended + 1;
    }

    /** Calls belong to no phase from now on, and those of the one that ends have ended. */
    private int endPhase() {
        int ended = phase;
        phase = 0;
        Load.await(() -> underWay.get(ended) == 0);
        return ended;
    }

    /** The phase a call begins in; one that ends meanwhile is not taken. */
    private int beginCall() {
        while (true) {
            int now = phase;
            underWay.incrementAndGet(now);
            if (now == phase) {
                return now;
            }
            underWay.decrementAndGet(now);
        }
    }

    /** Waits until so many calls of this phase have arrived somewhere. */
    void awaitCalls(int count) {
        Load.await(() -> arrived(old, phase, "") + arrived(fresh, phase, "") >= count);
    }

    /** Calls begun in a phase, of a kind ({@code tester}, {@code other}, or all), as these instances counted them. */
    static int arrived(List<HttpInstance> instances, int phase, String kind) {
        int count = 0;
        for (HttpInstance instance : instances) {
            for (String mark : instance.marks()) {
                if (mark.startsWith(phase + "/" + kind)) {
                    count += instance.served(mark);
                }
            }
        }
        return count;
    }

    /** The users whose calls of a phase these instances got. */
    static Set<String> users(List<HttpInstance> instances, int phase) {
        return instances.stream()
                .flatMap(instance -> instance.marks().stream())
                .filter(mark -> mark.startsWith(phase + "/"))
                .map(mark -> mark.substring(mark.lastIndexOf('/') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Response mark(Interceptor.Chain chain) throws IOException {
        int call = number.getAndIncrement();
        int began = beginCall();
        boolean isTester = call % 5 == 0;
        String user = "user-" + call % USERS;
        Request.Builder request = chain.request()
                .newBuilder()
                .header("X-User-Id", user)
                .header(HttpInstance.MARK, began + (isTester ? "/tester/" : "/other/") + user);
        if (isTester) {
            request.header("X-User-Tag", "canary");
        }
        try {
            return chain.proceed(request.build());
        } finally {
            underWay.decrementAndGet(began);
        }
    }

    private void awaitInForce(String document) {
        String version = document.replaceAll("(?s).*\\nversion: (\\S+).*", "$1");
        Load.await(() -> live.status().version().equals(version));
    }

    private void write(String document) {
        if (server instanceof ConsulServer consul) {
            consul.cli("kv", "put", KEY, document);
        } else {
            ((EtcdServer) server).ctl("put", KEY, document);
        }
    }

    /** Ends the calls, so that counts are whole; how many were seen to fail. */
    long end() throws InterruptedException {
        live.close();
        load.close();
        return Rig.failed(load.log().calls(0, load.log().now()));
    }

    /** A service beside the load, not marked. */
    String call(String service) {
        Request request = new Request.Builder().url("http://" + service + "/").build();
        try (Response response = load.client().newCall(request).execute()) {
            return String.valueOf(response.code());
        } catch (IOException failed) {
            return failed.toString();
        }
    }

    /** How many instances of a service are known. */
    int ids(String service) {
        load.fairlead().awaitReady(Duration.ofSeconds(30), service);
        ServiceStatus status = load.fairlead().status(service);
        return status == null ? 0 : status.instances().size();
    }

    @Override
    public void close() throws InterruptedException {
        // Side by side: each waits a second until callers can have seen that it goes.
        ExecutorService closing = Executors.newCachedThreadPool();
        for (Registration registration : registrations) {
            registration.idle();
            closing.execute(registration::close);
        }
        closing.shutdown();
        if (!closing.awaitTermination(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("registrations do not end");
        }
        registry.close();
        old.forEach(HttpInstance::close);
        fresh.forEach(HttpInstance::close);
    }
}
