// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.drill;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.okhttp.DiscoveryOkHttp;
import io.fairlead.samples.demo.CallLog;
import io.fairlead.samples.demo.HttpInstance;
import io.fairlead.testkit.server.ConsulServer;
import io.fairlead.testkit.server.EtcdServer;
import io.fairlead.testkit.server.RegistryServer;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * The drills behind the README's table: four instances, 200 GETs a second in an open loop, defaults. Writes JSON to the
 * file the first argument names; the second restricts it to one drill. About six minutes in all.
 */
public final class OutageDrill {
    private static final int CALLS = 120_000;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final ObjectNode results;

    /** One drill alone replaces its own results and keeps the others. */
    private OutageDrill(File file) throws IOException {
        this.results = file.exists() ? (ObjectNode) JSON.readTree(file) : JSON.createObjectNode();
    }

    /** Runs every drill, or the one named. */
    public static void main(String[] args) throws Exception {
        File file = new File(args[0]);
        OutageDrill drill = new OutageDrill(file);
        String only = args.length > 1 ? args[1] : "";
        if (only.isEmpty() || only.equals("memory")) {
            drill.killOnMemory();
        }
        for (String registry : List.of("consul", "etcd")) {
            if (only.isEmpty() || only.equals(registry)) {
                drill.killInstance(registry);
                drill.loseRegistry(registry, false);
                drill.loseRegistry(registry, true);
            }
        }
        if (only.isEmpty() || only.equals("callers")) {
            drill.callers(500);
            drill.callers(2_000);
        }
        JSON.writeValue(file, drill.results);
        System.exit(0);
    }

    private void killOnMemory() throws Exception {
        List<HttpInstance> instances = new ArrayList<>();
        try (Registry registry = Registry.connect("memory:")) {
            for (int i = 1; i <= 4; i++) {
                instances.add(register(registry, "orders-" + i));
            }
            try (Load load = Load.on(registry)) {
                load.runFor(8);
                instances.get(1).kill();
                load.runFor(15);
                record("memory, instance killed", load, -1);
            }
        } finally {
            instances.forEach(HttpInstance::close);
        }
    }

    private static RegistryServer start(String kind) {
        return kind.equals("consul")
                ? ConsulServer.start(new ConsulServer.Options(false, null, null, null))
                : EtcdServer.start();
    }

    private void killInstance(String kind) throws Exception {
        try (RegistryServer server = start(kind);
                Registry registry = Registry.connect(server.uri());
                Processes processes = new Processes(server.uri(), 4);
                Load load = Load.on(registry)) {
            load.awaitInstances(4);
            load.runFor(8);
            processes.kill(1);
            load.runFor(15);
            record(kind + ", instance killed", load, -1);
        }
    }

    private void loseRegistry(String kind, boolean paused) throws Exception {
        try (RegistryServer server = start(kind);
                Registry registry = Registry.connect(server.uri());
                Processes processes = new Processes(server.uri(), 4);
                Load load = Load.on(registry)) {
            load.awaitInstances(4);
            load.runFor(5);
            if (paused) {
                server.pause();
            } else {
                server.kill();
            }
            load.runFor(15);
            processes.kill(1);
            load.runFor(13);
            processes.start("orders-new");
            load.runFor(2);
            if (paused) {
                server.resume();
            } else {
                server.restart();
            }
            long backNanos = System.nanoTime();
            long seen = load.awaitInstance("orders-new", backNanos);
            load.runFor(5);
            record(kind + (paused ? ", registry paused 30 s" : ", registry killed 30 s"), load, seen);
        }
    }

    private void callers(int count) throws Exception {
        List<HttpInstance> instances = new ArrayList<>();
        try (Registry registry = Registry.connect("memory:");
                Fairlead fairlead = Fairlead.create(registry)) {
            for (int i = 1; i <= 4; i++) {
                instances.add(register(registry, "orders-" + i));
            }
            OkHttpClient client = DiscoveryOkHttp.newClient(fairlead);
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            int[] failed = new int[count];
            for (int t = 0; t < count; t++) {
                int mine = t;
                Thread thread = new Thread(() -> failed[mine] = callMany(client, go, CALLS / count));
                thread.start();
                threads.add(thread);
            }
            go.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            int[] served = instances.stream().mapToInt(HttpInstance::served).toArray();
            int total = Arrays.stream(served).sum();
            double worst = 0;
            for (int one : served) {
                worst = Math.max(worst, Math.abs((double) one / total - 0.25));
            }
            ObjectNode result = results.putObject(count + " concurrent callers");
            result.put("calls", total);
            result.put("failed", Arrays.stream(failed).sum());
            result.put("largestDeviationFromFairSharePercent", Math.round(worst * 10_000) / 100.0);
            System.out.println(count + " callers: " + result);
            client.dispatcher().executorService().shutdown();
        } finally {
            instances.forEach(HttpInstance::close);
        }
    }

    private static int callMany(OkHttpClient client, CountDownLatch go, int calls) {
        int failed = 0;
        try {
            go.await();
            for (int i = 0; i < calls; i++) {
                Request request =
                        new Request.Builder().url("http://orders/v1/" + i).build();
                try (Response response = client.newCall(request).execute()) {
                    response.body().bytes();
                } catch (IOException broken) {
                    failed++;
                }
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
        return failed;
    }

    private static HttpInstance register(Registry registry, String id) throws Exception {
        HttpInstance instance = HttpInstance.start(id);
        registry.register(
                        ServiceInstance.builder("orders")
                                .id(id)
                                .address("127.0.0.1", instance.port())
                                .build(),
                        HealthCheck.none())
                .idle();
        return instance;
    }

    private void record(String name, Load load, long seenNanos) {
        List<CallLog.Call> calls = load.log().calls(2 * SECOND, load.log().now());
        ObjectNode result = results.putObject(name);
        result.put("calls", calls.size());
        result.put(
                "failed", calls.stream().filter(call -> call.failure() != null).count());
        result.put(
                "overOneSecond",
                calls.stream().filter(call -> call.nanos() > SECOND).count());
        result.put("p99Millis", Math.round(CallLog.percentileMillis(calls, 0.99) * 10) / 10.0);
        result.put("slowestMillis", Math.round(CallLog.percentileMillis(calls, 1)));
        if (seenNanos >= 0) {
            result.put("newcomerSeenAfterSeconds", Math.round(seenNanos / 1e7) / 100.0);
        }
        System.out.println(name + ": " + result);
        calls.stream().filter(call -> call.failure() != null).limit(5).forEach(call -> System.out.println("  " + call));
    }

    /** The instances' processes. */
    private static final class Processes implements AutoCloseable {
        private final String uri;
        private final List<InstanceProcess> processes = new ArrayList<>();

        Processes(String uri, int count) throws Exception {
            this.uri = uri;
            for (int i = 1; i <= count; i++) {
                start("orders-" + i);
            }
        }

        void start(String id) throws Exception {
            processes.add(InstanceProcess.start(id, uri));
        }

        void kill(int index) {
            processes.get(index).close();
        }

        @Override
        public void close() {
            processes.forEach(InstanceProcess::close);
        }
    }
}
