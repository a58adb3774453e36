// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fairlead.admin.Model.Finding;
import io.fairlead.api.GuardState;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.balancer.Histogram;
import io.fairlead.balancer.ListSource;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatistics;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.ServiceStatus.ListView;
import io.fairlead.balancer.ServiceStatus.RoutesView;
import io.fairlead.balancer.ServiceStatus.SubsetView;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.balancer.route.Routes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each code is found where it should be, and a service that is set up well has none. */
class LintTest {
    private static ServiceInstance at(int number, UnaryOperator<ServiceInstance.Builder> change) {
        return change.apply(
                        ServiceInstance.builder("orders").id("orders-" + number).address("10.0.0." + number, 80))
                .build();
    }

    private static final List<ServiceInstance> TWO = List.of(at(1, each -> each), at(2, each -> each));

    private static ServiceStatus status(
            ListSource source, @Nullable String error, @Nullable RoutesView routes, List<ServiceInstance> instances) {
        return new ServiceStatus(
                "orders",
                "adaptive",
                new ListView(source, Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO, 0, 1, error),
                false,
                10,
                instances.stream().map(LintTest::view).toList(),
                new ServiceStatus.Stages(1, 0, null, ""),
                routes);
    }

    private static InstanceView view(ServiceInstance instance) {
        InstanceHealth health = new InstanceHealth(InstanceHealth.State.ACTIVE, "", "", 0);
        return new InstanceView(instance, GuardState.CLOSED, "", 0, 1, 0, 0, 1, 0, 0, false, health, Integer.MAX_VALUE);
    }

    private static List<String> codes(ServiceStatus status) {
        List<Finding> found = new ArrayList<>();
        InstanceLint.look(status, found);
        return found.stream().map(Finding::code).toList();
    }

    private static List<String> codes(ServiceOptions options, ServiceInstance... instances) {
        return codes(options, 0, null, List.of(instances));
    }

    private static List<String> codes(
            ServiceOptions options, long rejected, @Nullable RoutesView routes, List<ServiceInstance> instances) {
        List<Finding> found = new ArrayList<>();
        OptionLint.look(options, counts(rejected), status(ListSource.LIVE, null, routes, instances), found);
        return found.stream().map(Finding::code).toList();
    }

    private static ServiceStatistics counts(long rejected) {
        Histogram none = new Histogram(Collections.nCopies(Histogram.BOUNDS_NANOS.size() + 1, 0L), 0);
        return new ServiceStatistics(
                "orders", Map.of(), none, Map.of(), none, Map.of(), Map.of(), 0, Map.of(), 0, 0, rejected);
    }

    @Test
    void aServiceThatIsSetUpWellHasNoFinding() {
        assertThat(codes(status(ListSource.LIVE, null, null, TWO))).isEmpty();
        assertThat(codes(ServiceOptions.defaults(), TWO.get(0), TWO.get(1))).isEmpty();
    }

    @Test
    void aRegistryThatNeverAnsweredIsFound() {
        assertThat(codes(status(ListSource.WAITING, "Connection refused", null, List.of())))
                .containsExactly("FL01");
        assertThat(codes(status(ListSource.WAITING, null, null, List.of())))
                .as("it just began")
                .isEmpty();
    }

    @Test
    void oneInstanceAloneIsFound() {
        assertThat(codes(status(ListSource.LIVE, null, null, TWO.subList(0, 1))))
                .containsExactly("FL02");
    }

    @Test
    void namesThatAreAlmostTheSameAreFound() {
        TreeMap<String, ServiceStatus> services = new TreeMap<>();
        for (String name : List.of("order-service", "Order_Service", "orders")) {
            services.put(name, status(ListSource.LIVE, null, null, TWO));
        }

        assertThat(Lint.findings(new TreeMap<>(), services, List.of()))
                .extracting(Finding::code, Finding::found)
                .containsExactly(tuple("FL03", "'Order_Service' and 'order-service'"));
    }

    @Test
    void aZoneThatNoInstanceHasIsFound() {
        ServiceOptions own = ServiceOptions.defaults().withZones(ZonePreference.own("a"));

        assertThat(codes(own, TWO.get(0), TWO.get(1))).containsExactly("FL04");
        assertThat(codes(own, at(1, each -> each.zone("a")), TWO.get(1))).isEmpty();
    }

    @Test
    void retriesWithoutABudgetAreFound() {
        Retries defaults = Retries.defaults();

        assertThat(codes(ServiceOptions.defaults().withRetries(defaults.withBudget(0, 0))))
                .containsExactly("FL05");
        assertThat(codes(ServiceOptions.defaults().withRetries(Retries.off()))).isEmpty();
    }

    @Test
    void weightsThatThePolicyDoesNotReadAreFound() {
        ServiceOptions random = ServiceOptions.defaults().withPolicy("round_robin");

        assertThat(codes(random, TWO.get(0), at(2, each -> each.weight(5)))).containsExactly("FL06");
    }

    @Test
    void aLoopbackAddressAmongOthersIsFound() {
        ServiceInstance local = at(2, each -> each.address("127.0.0.1", 80));

        assertThat(codes(status(ListSource.LIVE, null, null, List.of(TWO.get(0), local))))
                .containsExactly("FL07");
        assertThat(codes(status(
                        ListSource.LIVE, null, null, List.of(local, at(3, each -> each.address("localhost", 81))))))
                .as("all on one machine")
                .isEmpty();
        try (OtherRegistry elsewhere = new OtherRegistry("consul http://10.1.2.3:8500")) {
            elsewhere.register(local, HealthCheck.none()).idle();
            assertThat(Lint.findings(new TreeMap<>(), new TreeMap<>(), List.of(elsewhere)))
                    .extracting(Finding::code, Finding::where)
                    .containsExactly(tuple("FL07", "orders/orders-2"));
        }
        assertThat(Lint.isElsewhere("consul http://10.1.2.3:8500")).isTrue();
        assertThat(Lint.isElsewhere("consul http://localhost:8500")).isFalse();
        assertThat(Lint.isElsewhere("memory")).isFalse();
    }

    @Test
    void equalWeightsUnderAPolicyThatGoesByThemAloneAreFound() {
        ServiceOptions weighted = ServiceOptions.defaults().withPolicy("weighted_round_robin");

        assertThat(codes(weighted, TWO.get(0), TWO.get(1))).containsExactly("FL08");
        assertThat(codes(weighted, TWO.get(0), at(2, each -> each.weight(2)))).isEmpty();
    }

    @Test
    void healthThatNobodyLooksAtIsFound() {
        assertThat(codes(ServiceOptions.defaults().withHealth(HealthPolicy.off())))
                .containsExactly("FL09");
    }

    @Test
    void twoInstancesAtOneAddressAreFound() {
        ServiceInstance old = at(2, each -> each.address("10.0.0.1", 80));

        assertThat(codes(status(ListSource.LIVE, null, null, List.of(TWO.get(0), old))))
                .containsExactly("FL10");
    }

    @Test
    void aSubsetThatNobodyBelongsToIsFound() {
        RoutesView routes =
                new RoutesView(1, List.of(new SubsetView("canary", "version v9", 0, 0, false)), List.of(), List.of());

        assertThat(codes(ServiceOptions.defaults(), 0, routes, TWO)).containsExactly("FL12");
        assertThat(Routes.off().lint()).isEmpty();
    }

    @Test
    void entriesThatWereLeftOutAreFound() {
        assertThat(codes(ServiceOptions.defaults(), 3, null, TWO)).containsExactly("FL13");
    }

    @Test
    void everyCodeHasAHeadingInTheManual() throws IOException {
        TreeSet<String> inCode = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                Matcher code = Pattern.compile("\"(FL\\d\\d)\"").matcher(Files.readString(source));
                while (code.find()) {
                    inCode.add(code.group(1));
                }
            }
        }
        TreeSet<String> inManual = new TreeSet<>();
        Matcher heading =
                Pattern.compile("(?m)^### (FL\\d\\d)").matcher(Files.readString(Path.of("../docs/status-page.md")));
        while (heading.find()) {
            inManual.add(heading.group(1));
        }
        assertThat(inManual).isEqualTo(inCode).hasSize(13);
    }
}
