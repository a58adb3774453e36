// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.api.Registry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RegistryContract;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.EtcdServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real etcd, a fresh one for each case, behind a proxy that can cut it off. */
@ExtendWith(WarmClient.class)
class EtcdRegistryIT extends RegistryContract {
    static final RegistrationTiming QUICK = RegistrationTiming.defaults()
            .withBeat(Duration.ofMillis(500))
            .withReadBack(Duration.ofSeconds(1))
            .withPropagation(Duration.ZERO)
            .withInFlight(Duration.ZERO);

    private EtcdServer etcd;
    private TcpProxy proxy;

    @Override
    protected Registry open(RecordingListener events) {
        etcd = server();
        proxy = TcpProxy.to("127.0.0.1", etcd.port());
        return EtcdRegistry.builder()
                .endpoints(List.of("127.0.0.1:" + proxy.port()))
                .timing(QUICK)
                .environment(Environment.system().withListener(events))
                .build();
    }

    EtcdServer server() {
        return EtcdServer.start();
    }

    @Override
    protected void interrupt() {
        proxy.refuse();
    }

    @Override
    protected void restore() {
        proxy.accept();
    }

    @AfterEach
    void stopEtcd() {
        proxy.close();
        etcd.close();
    }
}
