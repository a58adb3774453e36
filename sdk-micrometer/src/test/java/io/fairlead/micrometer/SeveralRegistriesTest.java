// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.testkit.VirtualTime;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each registry gets of one balancer, alone, in a composite, and of two balancers. */
class SeveralRegistriesTest {
    private final VirtualTime time = new VirtualTime();
    private final FailedCallbacks failed = new FailedCallbacks();
    private final ListedInstances listed = new ListedInstances(time.environment());
    private final Fairlead fairlead = fairlead();
    private final FairleadMeterBinder binder = new FairleadMeterBinder(fairlead);
    private final PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final MeterRegistry simple = new SimpleMeterRegistry();

    @AfterEach
    void close() {
        binder.close();
        fairlead.close();
    }

    @Test
    void inACompositePrometheusGetsItsHistogramAndTheOthersTheirQuantiles() {
        CompositeMeterRegistry composite = new CompositeMeterRegistry();
        composite.add(prometheus);
        binder.bindTo(composite);
        watch(fairlead);
        assertThat(prometheus.scrape()).contains("fairlead_call_duration_seconds_bucket{");
        composite.add(simple);
        time.advance(Duration.ofSeconds(2));
        assertThat(simple.get("fairlead.call.duration.p99").gauge().value()).isZero();
        composite.remove(simple);
        time.advance(Duration.ofSeconds(2));
        assertThat(simple.getMeters()).isEmpty();
    }

    @Test
    void histogramsHaveTheTagsThatTheRegistryGivesToAll() {
        prometheus.config().commonTags("application", "shop");
        binder.bindTo(prometheus);
        watch(fairlead);
        assertThat(prometheus.scrape())
                .contains("fairlead_calls_total{application=\"shop\",fairlead_service=\"orders\",")
                .contains("fairlead_call_duration_seconds_count{application=\"shop\",fairlead_service=\"orders\"}");
    }

    @Test
    void bindingTwiceAddsNothing() {
        binder.bindTo(prometheus);
        binder.bindTo(prometheus);
        watch(fairlead);
        assertThat(prometheus.scrape().split("fairlead_call_duration_seconds_count\\{", -1))
                .hasSize(2);
    }

    @Test
    void twoBalancersWithATagEachShowTheSameServiceInOneRegistry() {
        Fairlead second = fairlead();
        FairleadMeterBinder other = new FairleadMeterBinder(second).tags(Tags.of("from", "etcd"));
        binder.tags(Tags.of("from", "consul")).bindTo(prometheus);
        other.bindTo(prometheus);
        watch(fairlead);
        watch(second);
        assertThat(prometheus.scrape())
                .contains("fairlead_call_duration_seconds_count{fairlead_service=\"orders\",from=\"consul\"}")
                .contains("fairlead_call_duration_seconds_count{fairlead_service=\"orders\",from=\"etcd\"}")
                .contains("fairlead_panic{fairlead_service=\"orders\",from=\"consul\"}")
                .contains("fairlead_panic{fairlead_service=\"orders\",from=\"etcd\"}");
        other.close();
        second.close();
        assertThat(prometheus.scrape())
                .contains("fairlead_call_duration_seconds_count{fairlead_service=\"orders\",from=\"consul\"}")
                .doesNotContain("etcd");
    }

    private Fairlead fairlead() {
        return Fairlead.builder(listed)
                .environment(time.environment())
                .addListener(failed)
                .build();
    }

    private void watch(Fairlead balancer) {
        listed.lists(
                "orders",
                List.of(ServiceInstance.builder("orders")
                        .id("orders1")
                        .address("10.0.0.1", 80)
                        .build()));
        balancer.awaitReady(Duration.ofSeconds(5), "orders");
        time.advance(Duration.ofSeconds(2));
        assertThat(failed.number()).isZero();
    }
}
