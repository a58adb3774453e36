// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.balancer.Fairlead;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code of a registry throws while it is read. */
@Timeout(60)
class ThrowingRegistryTest {
    private final OtherRegistry registry = new OtherRegistry("other http://10.1.2.3:1");
    private final Fairlead fairlead = Fairlead.create(registry);
    private final AdminServer server = AdminServer.builder(fairlead).port(0).start();
    private final RawClient client = new RawClient(server.uri());

    @AfterEach
    void close() {
        server.close();
        fairlead.close();
        registry.close();
    }

    @Test
    void anAnswerSaysWhichClassWasThrownAndNotItsWords() throws IOException {
        registry.throwing = true;

        RawClient.Answered failed = client.get("/api/v1/status");
        assertThat(failed.status()).isEqualTo(500);
        assertThat(failed.body()).contains("java.lang.AssertionError").doesNotContain("secret");

        registry.throwing = false;
        assertThat(client.get("/api/v1/status").status()).isEqualTo(200);
    }

    @Test
    void aStreamGoesOnWhateverIsThrown() throws IOException {
        registry.throwing = true;
        try (Socket stream = client.open("GET", "/events")) {
            assertThat(RawClient.readUntil(stream, "event: problem")).doesNotContain("secret");
            registry.throwing = false;
            RawClient.readUntil(stream, "event: status");
        }
    }
}
