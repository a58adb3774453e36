// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static io.fairlead.faults.FaultLog.seconds;
import static io.fairlead.faults.FaultLog.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.etcd.EtcdRegistry;
import io.fairlead.samples.drill.Load;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.EtcdServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What etcd forgets, compacts or lets expire while we are cut off. */
class EtcdDataIT {
    private final EtcdServer etcd = EtcdServer.start();
    private final TcpProxy proxy = TcpProxy.to("127.0.0.1", etcd.port());
    private final Registry registry = open(proxy.port());
    private final RecordingSnapshots seen = new RecordingSnapshots();

    @AfterEach
    void stop() {
        registry.close();
        proxy.close();
        etcd.close();
    }

    @Test
    void compactionWhileDisconnected() {
        registry.watch("orders", seen);
        for (int i = 0; i < 5; i++) {
            put("ghost-" + i);
        }
        put("stays");
        Load.await(() -> seen.ids().size() == 6);
        proxy.refuse();
        etcd.ctl("del", "--prefix", "services/orders/ghost");
        put("new");
        String revision = etcd.ctl("get", "x", "-w", "json").replaceAll("(?s).*\"revision\":(\\d+).*", "$1");
        etcd.ctl("compact", revision);
        proxy.accept();
        double exact = Load.await(() -> seen.ids().equals(List.of("new", "stays"))) / 1e9;
        record(
                "F21",
                "etcd compacted past our revision while we were cut off",
                "exact set ≤ 2 s after reconnection, 0 ghosts",
                "exact after " + seconds(exact),
                within(exact, 2));
    }

    @Test
    void theLeaseExpiresWhileTheRegistrarIsCutOff() {
        Registration one = registry.register(instance("one"), HealthCheck.ttl().every(Duration.ofSeconds(3)));
        assertThat(keys()).isEqualTo(1);
        proxy.refuse();
        Load.await(() -> keys() == 0);
        proxy.accept();
        double back = Load.await(() -> keys() == 1) / 1e9;
        Load.await(() -> one.state() == Registration.State.REGISTERED);
        record(
                "F23",
                "the lease (3 s) expires while the registrar is cut off",
                "listed again ≤ a third of it + 1 s after reconnection; exactly one key",
                "listed after " + seconds(back) + "; " + keys() + " key",
                within(back, 2) & keys() == 1);
        assertThat(keys()).isEqualTo(1);
    }

    @Test
    void theConnectionIsHalfOpen() {
        registry.watch("orders", seen);
        Load.await(() -> seen.last() != null);
        proxy.mode(TcpProxy.Mode.BLACK_HOLE);
        double noticed = Load.await(() -> !seen.interruptions().isEmpty()) / 1e9;
        put("one");
        proxy.mode(TcpProxy.Mode.PASS);
        double visible = Load.await(() -> seen.ids().equals(List.of("one"))) / 1e9;
        record(
                "F24 half-open",
                "etcd's connection swallows everything",
                "noticed ≤ 15 s; a change made meanwhile visible ≤ 15 s after it passes again",
                "noticed after " + seconds(noticed) + "; visible after " + seconds(visible),
                within(noticed, 15) & within(visible, 15));
    }

    private static Registry open(int port) {
        return EtcdRegistry.builder()
                .endpoints(List.of("127.0.0.1:" + port))
                .timing(RegistrationTiming.defaults()
                        .withPropagation(Duration.ZERO)
                        .withInFlight(Duration.ZERO))
                .build();
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders").id(id).address("10.0.0.1", 80).build();
    }

    private void put(String id) {
        etcd.ctl("put", "services/orders/" + id, "{\"Op\":0,\"Addr\":\"10.0.0.1:80\"}");
    }

    private long keys() {
        return etcd.ctl("get", "--prefix", "--keys-only", "services/orders/")
                .lines()
                .filter(line -> !line.isBlank())
                .count();
    }
}
