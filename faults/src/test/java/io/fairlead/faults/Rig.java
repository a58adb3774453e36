// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.samples.demo.CallLog;
import io.fairlead.samples.demo.HttpInstance;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.server.ConsulServer;
import io.fairlead.testkit.server.EtcdServer;
import io.fairlead.testkit.server.RegistryServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Four HTTP instances, registered or not, and counts of what the callers saw. Not thread-safe. */
final class Rig implements AutoCloseable {
    static final long SECOND = 1_000_000_000L;

    final List<HttpInstance> instances = new ArrayList<>();
    final List<Registration> registrations = new ArrayList<>();

    Rig() throws IOException {
        for (int i = 1; i <= 4; i++) {
            instances.add(HttpInstance.start("orders-" + i));
        }
    }

    static RegistryServer server(String kind) {
        return kind.equals("consul")
                ? ConsulServer.start(new ConsulServer.Options(false, null, null, null))
                : EtcdServer.start();
    }

    void registerAll(Registry registry, HealthCheck check) {
        for (HttpInstance instance : instances) {
            Registration registration = registry.register(value(instance), check);
            registration.idle();
            registrations.add(registration);
        }
    }

    /** As an operator would: nobody tends these. */
    void registerAllByCommand(ConsulServer consul) {
        for (HttpInstance instance : instances) {
            consul.cli(
                    "services",
                    "register",
                    "-name=orders",
                    "-id=" + instance.id(),
                    "-address=127.0.0.1",
                    "-port=" + instance.port());
        }
    }

    static ServiceInstance value(HttpInstance instance) {
        return ServiceInstance.builder("orders")
                .id(instance.id())
                .address("127.0.0.1", instance.port())
                .build();
    }

    static long failed(List<CallLog.Call> calls) {
        return calls.stream().filter(call -> call.failure() != null).count();
    }

    static long slow(List<CallLog.Call> calls) {
        return calls.stream().filter(call -> call.nanos() > SECOND).count();
    }

    static double slowestMillis(List<CallLog.Call> calls) {
        return CallLog.percentileMillis(calls, 1);
    }

    /** The calls since {@code fromNanos} of the load's own time; there must have been some. */
    static List<CallLog.Call> since(Load load, long fromNanos) {
        List<CallLog.Call> calls = load.log().calls(fromNanos, load.log().now());
        assertThat(calls).isNotEmpty();
        return calls;
    }

    @Override
    public void close() {
        instances.forEach(HttpInstance::close);
    }
}
