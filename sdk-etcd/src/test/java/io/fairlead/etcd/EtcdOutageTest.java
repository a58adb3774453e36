// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.fairlead.testkit.TcpProxy;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a server that is away is asked. */
@Tag("slow")
@ExtendWith(WarmClient.class)
class EtcdOutageTest {
    private static final int CLIENTS = 7;

    /** Most of them: a machine that is busy may stand still for longer than gRPC waits. */
    @Test
    void aClientThatIsRefusedGivesUpWithOneConnectionMade() {
        int once = 0;
        try (TcpProxy away = TcpProxy.to("127.0.0.1", 1)) {
            away.mode(TcpProxy.Mode.RESET_ON_ACCEPT);
            for (int i = 0; i < CLIENTS; i++) {
                int before = away.connections();
                Client client = EtcdRegistry.builder()
                        .endpoints(List.of("127.0.0.1:" + away.port()))
                        .options()
                        .newClient(false);
                var answer = client.getKVClient().get(ByteSequence.from("a", UTF_8));
                assertThat(answer.handle((value, failure) -> failure).join()).isNotNull();
                client.close();
                once += away.connections() - before == 1 ? 1 : 0;
            }
        }
        assertThat(once).isGreaterThan(CLIENTS / 2);
    }
}
