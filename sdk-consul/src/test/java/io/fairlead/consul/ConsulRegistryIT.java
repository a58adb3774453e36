// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.Registry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RegistryContract;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real Consul, a fresh one for each case, behind a proxy that can cut it off. */
@ExtendWith(WarmClient.class)
class ConsulRegistryIT extends RegistryContract {
    static final RegistrationTiming QUICK = RegistrationTiming.defaults()
            .withBeat(Duration.ofMillis(500))
            .withReadBack(Duration.ofSeconds(1))
            .withPropagation(Duration.ZERO)
            .withInFlight(Duration.ZERO);

    private ConsulServer consul;
    private TcpProxy proxy;

    @Override
    protected Registry open(RecordingListener events) {
        consul = ConsulServer.start();
        proxy = TcpProxy.to("127.0.0.1", consul.port());
        return ConsulRegistry.builder()
                .address("127.0.0.1:" + proxy.port())
                .timing(QUICK)
                .environment(Environment.system().withListener(events))
                .build();
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
    void stopConsul() {
        proxy.close();
        consul.close();
    }
}
