// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.spi.RejectedEntries;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever carries text of others carries no character that could forge a line, or turn or hide what follows. */
class OthersTextTest {

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, '\n', '\r', 0x1b, 0x7f, 0x85, 0x9b, 0x200b, 0x200e, 0x202e, 0x2028, 0x2029, 0x2066, 0x2069,
                0xfeff, 0xd800, 0xe0001
            })
    void noMessageEventOrStatusCarriesWhatForgesALine(int c) {
        String forged = "a" + new String(Character.toChars(c)) + "b";
        List<String> shown = new ArrayList<>();
        shown.add(new RegistryException(RegistryException.Reason.REJECTED, forged).getMessage());
        shown.add(new RegistryException(RegistryException.Reason.REJECTED, forged, new Error(forged)).getMessage());
        InstanceHealth health = new InstanceHealth(InstanceHealth.State.EJECTED, forged, forged, 0);
        shown.addAll(List.of(health.reason(), health.evidence(), health.describe(), health.toString()));
        RejectedEntries rejected = new RejectedEntries("orders", new EventListener() {
            @Override
            public void onInstanceRejected(String service, String entry, String reason) {
                shown.add(entry);
                shown.add(reason);
            }
        });
        rejected.tell(forged, forged);
        Consumer<ServiceInstance.Builder> told = builder -> {
            ServiceInstance read = builder.id(forged)
                    .address("10.0.0.1", 80)
                    .scheme(forged)
                    .zone(forged)
                    .version(forged)
                    .tag(forged)
                    .metadata(forged, "v")
                    .metadata("k", forged)
                    .build();
            shown.add(read.toString());
        };
        told.accept(ServiceInstance.reader("orders", shown::add));
        shown.add(message(() -> ServiceInstance.builder(forged)));
        shown.add(message(
                () -> ServiceInstance.builder("orders").address(forged, 80).build()));
        shown.add(message(() -> told.accept(ServiceInstance.builder("orders"))));
        shown.add(message(() -> Registry.connect(forged)));
        shown.add(message(() -> Registry.connect(forged + "://x")));
        shown.add(message(() -> HealthCheck.http("/" + forged)));
        shown.add(message(() -> CheckEndpoint.ofInstance().withHost(forged)));
        assertThat(shown)
                .hasSizeGreaterThan(20)
                .allSatisfy(text -> assertThat(text.codePoints())
                        .as(text)
                        .noneMatch(point -> point == c || Character.isISOControl(point)));
    }

    private static String message(Runnable refused) {
        try {
            refused.run();
        } catch (IllegalArgumentException expected) {
            return String.valueOf(expected.getMessage());
        }
        return "accepted";
    }
}
