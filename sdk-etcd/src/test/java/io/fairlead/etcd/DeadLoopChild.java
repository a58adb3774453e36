// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingSnapshots;
import io.grpc.internal.SharedResourceHolder;
import io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A process that follows and registers, and whose gRPC loses all its threads for the network. Ends when it goes on. */
final class DeadLoopChild {
    private DeadLoopChild() {}

    public static void main(String[] args) throws Exception {
        try (EtcdRegistry registry =
                EtcdRegistry.builder().endpoints(List.of(args[0])).build()) {
            RecordingSnapshots seen = new RecordingSnapshots();
            registry.watch(args[1], seen);
            register(registry, args[1], "before");
            await(seen, "before");
            if (args[1].equals("ended")) {
                sharedLoop().shutdownGracefully().sync();
            } else {
                sharedLoop().forEach(thread -> thread.execute(LockSupport::park));
            }
            register(registry, args[1], "after");
            await(seen, "after");
        }
    }

    /** Those of every client in this process. */
    private static EventLoopGroup sharedLoop() throws ReflectiveOperationException {
        var field = Class.forName("io.grpc.netty.Utils").getDeclaredField("DEFAULT_WORKER_EVENT_LOOP_GROUP");
        field.setAccessible(true);
        return (EventLoopGroup) SharedResourceHolder.get((SharedResourceHolder.Resource<?>) field.get(null));
    }

    private static void register(EtcdRegistry registry, String service, String id) {
        while (true) {
            try {
                registry.register(
                        ServiceInstance.builder(service)
                                .id(id)
                                .address("10.0.0.1", 80)
                                .build(),
                        HealthCheck.none());
                return;
            } catch (RegistryException notYet) {
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private static void await(RecordingSnapshots seen, String id) {
        while (!seen.ids().contains(id)) {
            LockSupport.parkNanos(10_000_000);
        }
    }
}
