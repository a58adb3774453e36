// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.PickContext;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.testkit.AnyThrowable;
import io.fairlead.testkit.VirtualTime;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the meters show of a balancer, when they come and when they go. */
class FairleadMeterBinderTest {
    private final VirtualTime time = new VirtualTime();
    private final FailedCallbacks failed = new FailedCallbacks();
    private final ListedInstances listed = new ListedInstances(time.environment());
    private final Fairlead fairlead = Fairlead.builder(listed)
            .environment(time.environment())
            .idleAfter(Duration.ofMinutes(1))
            .addListener(failed)
            .build();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final FairleadMeterBinder binder =
            new FairleadMeterBinder(fairlead).failedCallbacks(failed).queued(() -> 7);

    @AfterEach
    void close() {
        binder.close();
        fairlead.close();
    }

    @Test
    void everyMetricOfTheTableIsThereAtNoughtFromTheFirstWatch() {
        bind();
        watch("orders");
        Registration registration = listed.register(instance("shipping", 9), HealthCheck.none());
        time.advance(Duration.ofSeconds(1));
        Set<String> expected = Arrays.stream(Metric.values())
                .filter(metric -> !metric.isPerInstance())
                .filter(metric -> metric != Metric.SUBSET_CALLS && metric != Metric.SUBSET_WEIGHT_RATIO)
                .map(Metric::meterName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(names()).containsAll(expected);
        assertThat(value("fairlead.calls", "result", "failure")).isZero();
        assertThat(value("fairlead.list.state", "state", "live")).isEqualTo(1);
        assertThat(value("fairlead.instances", "state", "active")).isEqualTo(3);
        assertThat(value("fairlead.registration.state", "state", "registered")).isEqualTo(1);
        assertThat(value("fairlead.okhttp.queued")).isEqualTo(7);
        registration.closeAsync();
    }

    @Test
    void whatIsCountedIsShownASecondLater() {
        bind();
        watch("orders");
        time.advance(Duration.ofSeconds(2));
        for (int i = 0; i < 10; i++) {
            call("orders", i < 8);
        }
        time.advance(Duration.ofSeconds(2));
        assertThat(value("fairlead.calls", "result", "success")).isEqualTo(8);
        assertThat(value("fairlead.calls", "result", "failure")).isEqualTo(2);
        assertThat(value("fairlead.attempts", "kind", "first", "outcome", "success"))
                .isEqualTo(8);
        assertThat(value("fairlead.attempts", "kind", "retry", "outcome", "unreachable"))
                .isPositive();
        assertThat(meters.get("fairlead.call.duration").functionTimer().count()).isEqualTo(10);
    }

    @Test
    void theSeriesOfAServiceGoWithIt() {
        bind();
        Set<String> before = names();
        watch("orders");
        time.advance(Duration.ofSeconds(2));
        assertThat(names()).hasSizeGreaterThan(before.size());
        time.advance(Duration.ofMinutes(3));
        assertThat(fairlead.services()).isEmpty();
        time.advance(Duration.ofSeconds(2));
        assertThat(names()).isEqualTo(before);
        watch("billing");
        time.advance(Duration.ofSeconds(2));
        binder.close();
        assertThat(meters.getMeters()).isEmpty();
    }

    @Test
    void asManySeriesAfterTenThousandInstancesCameAndWentAsBefore() {
        binder.perInstance();
        bind();
        watch("orders");
        time.advance(Duration.ofSeconds(2));
        int before = meters.getMeters().size();
        for (int i = 0; i < 100; i++) {
            int round = i;
            listed.lists(
                    "orders",
                    IntStream.range(0, 100)
                            .mapToObj(n -> instance("orders", 10 + round * 100 + n))
                            .toList());
            time.advance(Duration.ofSeconds(1));
        }
        listed.lists("orders", three());
        time.advance(Duration.ofMinutes(3));
        fairlead.acquire("orders", PickContext.none()).close();
        time.advance(Duration.ofSeconds(2));
        assertThat(meters.getMeters()).hasSize(before);
    }

    @Test
    void whateverARegistryThrowsTheNextRoundComes() {
        bind();
        AnyThrowable.kinds().forEach(thrown -> {
            listed.thrown = thrown;
            time.advance(Duration.ofSeconds(2));
        });
        listed.thrown = null;
        watch("orders");
        time.advance(Duration.ofSeconds(2));
        assertThat(names()).contains("fairlead.calls");
        assertThat(failed.number()).isGreaterThanOrEqualTo(11);
    }

    @Test
    void subsetsComeFromTheConfigurationAndShowTheirPartsWeightedByTheRulesUse() {
        bind();
        Routes routes = Routes.builder()
                .subset("one", Subset.ofTags("1"))
                .subset("two", Subset.ofTags("2"))
                .otherwise(Rule.otherwise().to("one", 3).to("two", 1).build())
                .build();
        fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRoutes(routes)));
        watch("orders");
        for (int i = 0; i < 400; i++) {
            call("orders", true);
        }
        time.advance(Duration.ofSeconds(2));
        double one = value("fairlead.subset.calls", "subset", "one");
        double two = value("fairlead.subset.calls", "subset", "two");
        assertThat(one + two).isEqualTo(400);
        assertThat(one / 400).isBetween(0.65, 0.85);
        assertThat(value("fairlead.subset.weight.ratio", "subset", "one")).isEqualTo(0.75);
        fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRoutes(Routes.off())));
        time.advance(Duration.ofSeconds(2));
        assertThat(names()).doesNotContain("fairlead.subset.calls");
    }

    @Test
    void prometheusGetsTheBucketsAsTheyAre() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        binder.bindTo(prometheus);
        watch("orders");
        call("orders", true);
        time.advance(Duration.ofSeconds(2));
        String scrape = prometheus.scrape();
        assertThat(scrape)
                .contains("fairlead_call_duration_seconds_bucket{fairlead_service=\"orders\",le=\"5.0E-4\"} 1")
                .contains("fairlead_call_duration_seconds_bucket{fairlead_service=\"orders\",le=\"+Inf\"} 1")
                .contains("fairlead_call_duration_seconds_count{fairlead_service=\"orders\"} 1")
                .contains("fairlead_calls_total{fairlead_service=\"orders\",result=\"success\"} 1.0");
        for (Metric metric : Metric.values()) {
            if (!metric.isPerInstance()
                    && !metric.name().startsWith("SUBSET")
                    && !metric.name().startsWith("REGIS")) {
                assertThat(scrape).contains("# TYPE " + metric.prometheusName().replaceAll("_total$", ""));
            }
        }
        binder.close();
        assertThat(prometheus.scrape()).doesNotContain("fairlead_");
    }

    private void bind() {
        binder.bindTo(meters);
    }

    private static List<ServiceInstance> three() {
        return List.of(instance("orders", 1), instance("orders", 2), instance("orders", 3));
    }

    private void watch(String service) {
        listed.lists(service, service.equals("orders") ? three() : List.of(instance(service, 1)));
        fairlead.awaitReady(Duration.ofSeconds(5), service);
    }

    private void call(String service, boolean succeeds) {
        try {
            String unused = fairlead.call(service, (Attempt attempt) -> {
                if (!succeeds) {
                    throw new ConnectException("refused");
                }
                return "fine";
            });
        } catch (IOException asAsked) {
            assertThat(succeeds).isFalse();
        }
    }

    private Set<String> names() {
        return meters.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private double value(String name, String... tags) {
        Meter found = meters.get(name).tags(tags).meter();
        Map<String, Double> values = new HashMap<>();
        found.measure().forEach(one -> values.put(one.getStatistic().name(), one.getValue()));
        assertThat(values).hasSize(1);
        return values.values().iterator().next();
    }

    private static ServiceInstance instance(String service, int number) {
        return ServiceInstance.builder(service)
                .id(service + number)
                .address("10.0." + number / 250 + "." + (1 + number % 250), 80)
                .tag(number == 1 ? "1" : "2")
                .build();
    }
}
