// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.testkit.RecordingSnapshots;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A member whose watches are behind its lists. */
@Tag("slow")
@ExtendWith(WarmClient.class)
class EtcdLaggingTest {
    /** It takes the two pauses between three lists. */
    @Test
    void aMemberThatLagsBringsNobodyBackAndIsListedOnceInThreeSecondsAtMost() throws Exception {
        RecordingSnapshots seen = new RecordingSnapshots();
        try (LaggingEtcd etcd = new LaggingEtcd();
                EtcdRegistry registry = EtcdRegistry.builder()
                        .endpoints(List.of("127.0.0.1:" + etcd.port()))
                        .build()) {
            registry.watch("orders", seen);
            await().until(() -> seen.ids().equals(List.of("stays")));
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        etcd.sayOld();
                        return etcd.listedNanos.size() >= 3;
                    });
            // Not from the first: its client may take a while to connect, and the pause counts from when it asked.
            assertThat(etcd.listedNanos.get(2) - etcd.listedNanos.get(1))
                    .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(2_500));
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                etcd.catchUp();
                return seen.ids().contains("new");
            });
            assertThat(seen.snapshots())
                    .noneMatch(list ->
                            list.instances().stream().anyMatch(each -> each.id().equals("leaves")));
            assertThat(seen.interruptions()).isEmpty();
        }
    }
}
