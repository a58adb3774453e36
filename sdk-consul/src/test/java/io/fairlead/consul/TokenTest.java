// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingSnapshots;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tokens that can not be had or sent; nothing listens at the address. */
class TokenTest {

    @Test
    void aTokenNoHeaderCanCarryIsRefusedWithoutBeingShown() {
        try (Registry registry = with(() -> "s3cret-token\n")) {
            assertThatThrownBy(() -> registry.list("orders"))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("character 0x0a at 12 of 13")
                    .hasNoCause()
                    .message()
                    .doesNotContain("s3cret");
            assertThatThrownBy(() -> registry.register(instance(), HealthCheck.none()))
                    .isInstanceOf(RegistryException.class)
                    .satisfies(failure -> assertThat(trace(failure)).doesNotContain("s3cret"));
        }
    }

    @Test
    void aSupplierThatThrowsDoesNotEndTheWatch() {
        int[] asked = {0};
        try (Registry registry = with(() -> {
            asked[0]++;
            throw new IllegalStateException("vault says s3cret");
        })) {
            RecordingSnapshots seen = new RecordingSnapshots();
            registry.watch("orders", seen);
            Awaitility.await().until(() -> !seen.interruptions().isEmpty());
            assertThat(seen.interruptions().get(0)).hasMessageContaining("its supplier threw IllegalStateException");
            assertThat(trace(seen.interruptions().get(0))).doesNotContain("s3cret");
            // Refusals are tried again after five seconds at the earliest.
            Awaitility.await().until(() -> asked[0] >= 2);
        }
    }

    private static String trace(Throwable failure) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            text.append(cause).append('\n');
        }
        return text.toString();
    }

    private static Registry with(Supplier<@Nullable String> token) {
        return ConsulRegistry.builder().address("127.0.0.1:1").token(token).build();
    }

    private static ServiceInstance instance() {
        return ServiceInstance.builder("orders").address("10.0.0.1", 80).build();
    }
}
