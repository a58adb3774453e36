// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.ServiceInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What others write is read as far as it can be; {@code fairlead.fuzz.seconds} says for how long it is tried. */
class ForeignValuesTest {
    private final List<String> leftOut = new ArrayList<>();

    @Test
    void whoeverCanBeReachedIsUsedAndRubbishIsRejected() {
        long seed = Long.getLong("fairlead.fuzz.seed", System.nanoTime());
        ForeignValues values = new ForeignValues(new Random(seed));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("fairlead.fuzz.seconds", 10)) / 10;
        for (int i = 0; i == 0 || System.nanoTime() < end; i++) {
            String id = values.id();
            String good = values.good();
            String rubbish = values.rubbish();
            try {
                ServiceInstance read = decode(id, good);
                assertThat(read.weight()).isBetween(1, ServiceInstance.MAX_WEIGHT);
                assertThat(decode(id, good)).isEqualTo(read);
                assertThatThrownBy(() -> decode(id, rubbish)).isInstanceOf(IllegalArgumentException.class);
            } catch (Throwable failure) {
                throw new AssertionError(
                        "seed " + seed + ", value " + i + ": id '" + id + "', " + good + ", rubbish " + rubbish,
                        failure);
            }
        }
    }

    @Test
    void numbersAsTextAndTextAsNumbersAreReadAndWhatCanNotBeIsLeftOutAndTold() {
        ServiceInstance read = decode(
                "o 1",
                "{\"Addr\":\"shop_orders_1:80\",\"Metadata\":{\"weight\":\"7\",\"version\":2.1,\"zone\":null,\"scheme\":\"HTTP/1.1\","
                        + "\"tags\":[\"ok\",\"line\\nend\",7],\"meta\":{\"n\":1,\"o\":{}},\"id\":\"other\"}}");
        assertThat(read.host()).isEqualTo("shop_orders_1");
        assertThat(read.id()).isEqualTo("o 1");
        assertThat(read.weight()).isEqualTo(7);
        assertThat(read.version()).isEqualTo("2.1");
        assertThat(read.scheme()).isEqualTo("http");
        assertThat(read.tags()).containsExactly("ok", "7");
        assertThat(read.metadata()).containsOnlyKeys("n");
        assertThat(leftOut).anyMatch(told -> told.startsWith("scheme")).anyMatch(told -> told.startsWith("meta 'o'"));
    }

    private ServiceInstance decode(String id, String value) {
        return ValueCodec.naming().decode("orders", id, value.getBytes(UTF_8), leftOut::add);
    }
}
