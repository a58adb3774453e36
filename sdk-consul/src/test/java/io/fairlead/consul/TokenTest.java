// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.RecordingSnapshots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tokens that can not be had or sent; nothing listens at the address. */
@Tag("slow")
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

    /** All kinds at once: refusals are tried again after five seconds at the earliest. */
    @Test
    void aSupplierThatThrowsDoesNotEndTheWatch() {
        List<Throwable> kinds = Stream.concat(
                        AnyThrowable.kinds(), Stream.of(new IllegalStateException("vault says s3cret")))
                .toList();
        int[] asked = new int[kinds.size()];
        List<Registry> registries = new ArrayList<>();
        try {
            for (Throwable kind : kinds) {
                int number = registries.size();
                Registry registry = with(() -> {
                    asked[number]++;
                    throw AnyThrowable.sneak(kind);
                });
                registries.add(registry);
                RecordingSnapshots seen = new RecordingSnapshots();
                registry.watch("orders", seen);
                Awaitility.await().until(() -> !seen.interruptions().isEmpty());
                assertThat(seen.interruptions().get(0))
                        .hasMessageContaining(
                                "its supplier threw " + kind.getClass().getSimpleName());
                assertThat(trace(seen.interruptions().get(0))).doesNotContain("s3cret");
            }
            Awaitility.await().until(() -> Arrays.stream(asked).allMatch(times -> times >= 2));
        } finally {
            registries.forEach(Registry::close);
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
