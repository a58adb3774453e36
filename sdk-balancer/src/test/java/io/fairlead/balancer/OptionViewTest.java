// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The options as people read them. */
class OptionViewTest {
    @Test
    void eachOptionTellsItsValueAndWhereItComesFrom() {
        FairleadOptions options = FairleadOptions.defaults()
                .withIdleAfter(Duration.ofMinutes(1))
                .forEveryService(every -> every.withPolicy("round_robin"))
                .forService("orders", orders -> orders.withPolicy("random"));

        assertThat(options.view())
                .contains(
                        new OptionView(null, "idleAfter", "PT1M", OptionView.Origin.COMMON, "PT10M"),
                        new OptionView(null, "policy", "round_robin", OptionView.Origin.COMMON, "adaptive"),
                        new OptionView("orders", "policy", "random", OptionView.Origin.SERVICE, "adaptive"),
                        new OptionView(null, "firstListTimeout", "PT3S", OptionView.Origin.DEFAULT, "PT3S"));
        assertThat(options.view().stream().filter(each -> each.service() != null))
                .as("of a service only what it has set")
                .hasSize(1);
    }

    @Test
    void noOptionIsLeftOut() {
        List<String> declared = Stream.of(ServiceOptions.class, FairleadOptions.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredFields()))
                .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == Option.class)
                .map(OptionViewTest::name)
                .toList();

        assertThat(FairleadOptions.defaults().view())
                .extracting(OptionView::name)
                .containsExactlyInAnyOrderElementsOf(declared)
                .hasSizeGreaterThan(20);
    }

    private static String name(Field field) {
        try {
            field.setAccessible(true);
            return ((Option<?>) field.get(null)).name();
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
