// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.GuardState;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.ServiceOptions.ServiceGuardUse;
import io.fairlead.balancer.policy.IpHashPolicy;
import io.fairlead.balancer.policy.LeastRequestPolicy;
import io.fairlead.balancer.policy.MaglevPolicy;
import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.Picker;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Options that change while calls go on: in force at once, and nothing known is lost. */
class ReconfigureTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private Fairlead fairlead =
            Fairlead.builder(registry).environment(time.environment(1, events)).build();

    @AfterEach
    void close() {
        fairlead.close();
    }

    @Test
    void attemptsAreThoseOfTheNewOptionsFromTheNextCallOn() {
        ready("a", "b", "c", "d", "e");
        assertThat(attemptsOfAFailingCall()).isEqualTo(3);
        change(o -> o.withRetries(o.retries().withAttempts(5)));
        assertThat(attemptsOfAFailingCall()).isEqualTo(5);
        change(o -> o.withRetries(Retries.off()));
        assertThat(attemptsOfAFailingCall()).isEqualTo(1);
    }

    @Test
    void aRetryBudgetKeepsItsLevelWithinItsNewBounds() {
        ready("a", "b", "c");
        change(o -> o.withRetries(o.retries().withBudget(0, 3)));
        for (int i = 0; i < 5; i++) {
            attemptsOfAFailingCall();
        }
        assertThat(status().retryBudget()).isEqualTo(20);
        change(o -> o.withRetries(o.retries().withBudget(0, 10)));
        assertThat(status().retryBudget()).isEqualTo(20);
        change(o -> o.withRetries(o.retries().withBudget(0, 1)));
        assertThat(status().retryBudget()).isEqualTo(10);
        change(o -> o.withRetries(o.retries().withTokens(10, 0.1)));
        assertThat(status().retryBudget()).isEqualTo(10);
        attemptsOfAFailingCall();
        double left = status().retryBudget();
        assertThat(left).isLessThan(10);
        change(o -> o.withRetries(o.retries().withTokens(100, 0.1)));
        assertThat(status().retryBudget()).isEqualTo(10 * left);
        change(o -> o.withRetries(o.retries().withQuota(20, 5)));
        attemptsOfAFailingCall();
        assertThat(status().retryBudget()).isEqualTo(2);
        change(o -> o.withRetries(o.retries().withQuota(1_000, 5)));
        assertThat(status().retryBudget()).isEqualTo(2);
    }

    @Test
    void aRateLimitKeepsItsTokens() throws IOException {
        ready("a");
        change(o -> o.withRateLimit(RateLimit.of(1, 10)));
        for (int i = 0; i < 8; i++) {
            call();
        }
        assertThat(status().stages().rateTokens()).isEqualTo(2);
        change(o -> o.withRateLimit(RateLimit.of(2, 10).withMaxWait(Duration.ofMillis(1))));
        assertThat(status().stages().rateTokens()).isEqualTo(2);
        call();
        call();
        assertThatThrownBy(this::call).isInstanceOf(CallRejectedException.class);
        time.advance(Duration.ofMillis(500));
        call();
        change(o -> o.withRateLimit(RateLimit.off()));
        assertThat(status().stages().rateTokens()).isInfinite();
        call();
    }

    @Test
    void aThrottleKeepsItsWindow() {
        ready("a");
        change(o -> o.withThrottle(Throttle.defaults()).withRetries(Retries.off()));
        for (int i = 0; i < 200; i++) {
            shed();
        }
        double ratio = status().stages().throttleRatio();
        assertThat(ratio).isGreaterThan(0.9);
        change(o -> o.withThrottle(o.throttle().withWindow(Duration.ofSeconds(60))));
        assertThat(status().stages().throttleRatio()).isGreaterThan(0.9);
        change(o -> o.withThrottle(o.throttle().withK(10)));
        assertThat(status().stages().throttleRatio()).isGreaterThan(0.9);
        change(o -> o.withThrottle(Throttle.off()));
        assertThat(status().stages().throttleRatio()).isZero();
    }

    @Test
    void hedgingKeepsTheLatenciesItHasSeen() throws IOException {
        ready("a", "b");
        change(o -> o.withHedging(Hedging.defaults().withMaxExtraLoad(1)));
        for (int i = 0; i < 50; i++) {
            fairlead.<String>call("orders", attempt -> {
                time.advance(Duration.ofMillis(20));
                return "ok";
            });
        }
        change(o -> o.withHedging(o.hedging().withPercentile(0.5)));
        List<CompletableFuture<String>> sent = new ArrayList<>();
        CompletableFuture<String> slow = fairlead.callAsync(CallSpec.of("orders"), attempt -> {
                    sent.add(new CompletableFuture<>());
                    return sent.get(sent.size() - 1);
                })
                .toCompletableFuture();
        time.advance(Duration.ofMillis(30));
        assertThat(sent).hasSize(2);
        sent.get(1).complete("hedge");
        assertThat(slow).isCompletedWithValue("hedge");
        change(o -> o.withHedging(Hedging.off()));
        assertThat(fairlead.isHedged(CallSpec.of("orders"))).isFalse();
    }

    @Test
    void theNextCallPicksByTheNewPolicyAndTheOldPickerIsNotItsBeginning() throws IOException {
        ready("a", "b");
        change(o -> o.withPolicy(new Only("a")));
        assertThat(picked()).isEqualTo("a");
        change(o -> o.withPolicy(new Only("b")));
        assertThat(picked()).isEqualTo("b");
        assertThat(status().policy()).isEqualTo("only b");
        change(o -> o.withPolicy("ring_hash"));
        change(o -> o.withPolicy("peak_ewma"));
        change(o -> o.withPolicy("adaptive"));
        assertThat(picked()).isIn("a", "b");
    }

    @Test
    void attemptsUnderWayWhenAPolicyBeginsToCountThemAreNotCountedBelowZero() {
        ready("a", "b");
        List<Attempt> open = IntStream.range(0, 10)
                .mapToObj(i -> fairlead.acquire("orders", PickContext.none()))
                .toList();
        change(o -> o.withPolicy(new Counted()));
        open.forEach(Attempt::close);
        try (Attempt one = fairlead.acquire("orders", PickContext.none())) {
            assertThat(Counted.seen.get()).isZero();
            try (Attempt two = fairlead.acquire("orders", PickContext.none())) {
                assertThat(Counted.seen.get()).isEqualTo(1);
            }
        }
    }

    @Test
    void concurrencyLimitsComeAndGoUnderAttemptsInFlight() {
        ready("a");
        Attempt before = fairlead.acquire("orders", PickContext.none());
        change(o -> o.withConcurrencyLimits(ConcurrencyLimits.fixed(2)));
        assertThat(view("a").concurrencyLimit()).isEqualTo(2);
        Attempt first = fairlead.acquire("orders", PickContext.none());
        Attempt second = fairlead.acquire("orders", PickContext.none());
        assertThatThrownBy(() -> fairlead.acquire("orders", PickContext.none()))
                .isInstanceOf(CallRejectedException.class);
        before.close();
        assertThatThrownBy(() -> fairlead.acquire("orders", PickContext.none()))
                .isInstanceOf(CallRejectedException.class);
        change(o -> o.withConcurrencyLimits(ConcurrencyLimits.fixed(3)));
        Attempt third = fairlead.acquire("orders", PickContext.none());
        change(o -> o.withConcurrencyLimits(ConcurrencyLimits.off()));
        Attempt fourth = fairlead.acquire("orders", PickContext.none());
        change(o -> o.withConcurrencyLimits(ConcurrencyLimits.fixed(4)));
        assertThatThrownBy(() -> fairlead.acquire("orders", PickContext.none()))
                .isInstanceOf(CallRejectedException.class);
        Stream.of(first, second, third, fourth).forEach(Attempt::close);
        List<Attempt> full = IntStream.range(0, 4)
                .mapToObj(i -> fairlead.acquire("orders", PickContext.none()))
                .toList();
        assertThatThrownBy(() -> fairlead.acquire("orders", PickContext.none()))
                .isInstanceOf(CallRejectedException.class);
        full.forEach(Attempt::close);
        assertThat(view("a").inFlight()).isZero();
    }

    @Test
    void zonesAreThoseOfTheNewOptions() throws IOException {
        registry.lists(List.of(inZone("a", "x"), inZone("b", "y")));
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        change(o -> o.withZones(ZonePreference.own("y")));
        assertThat(picks(50)).containsOnly("b");
        change(o -> o.withZones(ZonePreference.own("x")));
        assertThat(picks(50)).containsOnly("a");
        change(o -> o.withZones(ZonePreference.off()));
        assertThat(picks(50)).contains("a", "b");
    }

    @Test
    void subsettingIsThatOfTheNewOptions() throws IOException {
        ready(IntStream.range(0, 100).mapToObj(i -> "i" + i).toArray(String[]::new));
        change(o -> o.withPolicy("round_robin"));
        assertThat(picks(500).distinct()).hasSize(32);
        change(o -> o.withSubsetting(Subsetting.off()));
        assertThat(picks(500).distinct()).hasSize(100);
        change(o -> o.withSubsetting(Subsetting.defaults().withSize(20, 20)));
        assertThat(picks(500).distinct()).hasSize(20);
    }

    @Test
    void aSlowStartThatHasBegunFollowsTheNewCurve() {
        ready("a", "b", "c");
        registry.lists("a", "b", "c", "d");
        time.advance(Duration.ofSeconds(15));
        assertThat(view("d").effectiveWeight()).isBetween(0.4, 0.6);
        change(o -> o.withSlowStart(o.slowStart().withLength(Duration.ofSeconds(60))));
        assertThat(view("d").effectiveWeight()).isBetween(0.2, 0.3);
        change(o -> o.withSlowStart(SlowStart.off()));
        assertThat(view("d").effectiveWeight()).isEqualTo(1);
    }

    @Test
    void dynamicWeightsKeepTheLevelsThatStillExist() throws IOException {
        ready("a", "b", "c", "d", "e");
        change(o -> o.withPolicy("round_robin").withDynamicWeights(DynamicWeights.defaults()));
        for (int window = 0; window < 4; window++) {
            slowOn("a");
            time.advance(Duration.ofSeconds(5));
        }
        assertThat(view("a").effectiveWeight()).isLessThan(1);
        double reduced = view("a").effectiveWeight();
        change(o -> o.withDynamicWeights(o.dynamicWeights().withMinSamples(30)));
        assertThat(view("a").effectiveWeight()).isEqualTo(reduced);
        change(o -> o.withDynamicWeights(DynamicWeights.off()));
        assertThat(view("a").effectiveWeight()).isEqualTo(1);
    }

    @Test
    void guardsOfTheSameKindTakeTheNewOptionsAndKeepWhatTheyKnow() throws IOException {
        Lenient three = new Lenient(3);
        start(o -> o.withGuard(three).withRetries(Retries.off()));
        ready("a", "b");
        failOnce("a");
        failOnce("a");
        change(o -> o.withGuard(new Lenient(2)));
        assertThat(view("a").guardReason()).isEqualTo("2 of 2");
        change(o -> o.withGuard(new Lenient(9)));
        assertThat(view("a").guardReason()).isEqualTo("2 of 9");
    }

    @Test
    void aServiceGuardIsShownAdoptedAndSwitchedOff() throws IOException {
        start(o -> o.withServiceGuard(new Counting("one")));
        ready("a");
        call();
        assertThat(status().stages().serviceGuard()).isEqualTo(GuardState.METRICS_ONLY);
        assertThat(status().stages().serviceGuardReason()).isEqualTo("one: 1");
        change(o -> o.withServiceGuard(new Counting("two")));
        call();
        assertThat(status().stages().serviceGuardReason()).isEqualTo("two: 2");
        change(o -> o.withServiceGuardUse(ServiceGuardUse.OFF));
        call();
        assertThat(status().stages().serviceGuard()).isNull();
    }

    @Test
    void checksBeginAndEndWithTheOptionsAndWhatTheyFoundGoesWithThem() {
        ready("a", "b");
        HealthCheck refused = HealthCheck.tcp().every(Duration.ofMillis(100)).timeout(Duration.ofMillis(10));
        // The policy for addresses refuses it, which fails a check without a connection.
        registry.lists(List.of(FakeRegistry.instance("a"), FakeRegistry.instance("b")));
        change(o ->
                o.withHealth(o.health().withCheck(refused.at(refused.endpoint().withHost("169.254.1.1")))));
        time.advance(Duration.ofSeconds(2));
        assertThat(status().instances())
                .extracting(view -> view.health().state())
                .contains(InstanceHealth.State.CHECK_FAILED);
        change(o -> o.withHealth(HealthPolicy.defaults()));
        assertThat(status().instances())
                .extracting(view -> view.health().state())
                .doesNotContain(InstanceHealth.State.CHECK_FAILED);
    }

    @Test
    void outagesAndTheFirstListAreThoseOfTheNewOptions() {
        change(o -> o.withFirstListTimeout(Duration.ZERO));
        assertThatThrownBy(this::call).isInstanceOf(NoInstanceException.class);
        ready("a", "b", "c", "d");
        registry.lists("a");
        assertThat(status().instances()).hasSize(4);
        change(o -> o.withOutagePolicy(OutagePolicy.off()));
        time.advance(Duration.ofSeconds(1));
        assertThat(status().instances()).hasSize(1);
        registry.lists("a", "b", "c", "d");
        registry.lists("a");
        assertThat(status().instances()).hasSize(1);
    }

    @Test
    void onlyTheServiceWhoseOptionsChangeChanges() {
        ready("a", "b", "c");
        fairlead.reconfigure(fairlead.options().forService("billing", o -> o.withRetries(Retries.off())));
        assertThat(attemptsOfAFailingCall()).isEqualTo(3);
        fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRetries(Retries.off())));
        assertThat(attemptsOfAFailingCall()).isEqualTo(1);
        assertThat(fairlead.options().services()).containsOnlyKeys("billing", "orders");
    }

    @Test
    void optionsThatAreTheSameChangeNothing() throws IOException {
        Counted policy = new Counted();
        start(o -> o.withPolicy(policy).withRateLimit(RateLimit.of(1, 10)).withHedging(Hedging.defaults()));
        ready("a", "b");
        call();
        int made = Counted.made.get();
        ServiceStatus before = status();
        fairlead.reconfigure(fairlead.options());
        change(o -> o.withRetries(Retries.defaults()).withRateLimit(RateLimit.of(1, 10)));
        assertThat(Counted.made.get()).isEqualTo(made);
        assertThat(status()).isEqualTo(before);
    }

    @Test
    void aPolicyThatThrowsLeavesTheServiceAsItWas() throws IOException {
        ready("a", "b");
        change(o -> o.withPolicy(new Only("a")));
        assertThatThrownBy(() -> change(o -> o.withPolicy(new Only("nobody"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(events.events("callback")).isEmpty();
        assertThat(picked()).isEqualTo("a");
        assertThat(status().policy()).isEqualTo("only a");
        change(o -> o.withPolicy(new Only("b")));
        assertThat(picked()).isEqualTo("b");
    }

    @Test
    void equalOptionsMadeAnewChangeNothing() {
        start(o -> o.withPolicy(new RingHashPolicy().keyedBy(StickyKey.cookie("sid"))));
        ready("a", "b");
        FairleadOptions again = FairleadOptions.defaults()
                .forEveryService(o -> o.withPolicy(new RingHashPolicy().keyedBy(StickyKey.cookie("sid"))));
        FairleadOptions running = fairlead.options();
        assertThat(again).isEqualTo(running).hasSameHashCodeAs(running).hasToString(running.toString());
        assertThat(new LeastRequestPolicy().withChoices(3)).isEqualTo(new LeastRequestPolicy().withChoices(3));
        assertThat(new MaglevPolicy().withTableSize(512)).isEqualTo(new MaglevPolicy().withTableSize(512));
        assertThat(new IpHashPolicy()).isEqualTo(new IpHashPolicy());
    }

    @Test
    void whatDiffersIsShown() {
        List<String> shown = Stream.<BalancingPolicy>of(
                        new LeastRequestPolicy(),
                        new LeastRequestPolicy().withChoices(3),
                        new RingHashPolicy(),
                        new RingHashPolicy().withLoadFactor(2),
                        new RingHashPolicy().keyedBy(StickyKey.header("x-user")),
                        new MaglevPolicy(),
                        new MaglevPolicy().withTableSize(512),
                        new Only("a"))
                .map(policy -> FairleadOptions.defaults()
                        .forEveryService(o -> o.withPolicy(policy))
                        .toString())
                .toList();
        assertThat(shown).doesNotHaveDuplicates();
        assertThat(FairleadOptions.defaults().forEveryService(o -> o.withPolicy("random")))
                .hasToString("every service: policy=random");
    }

    @Test
    void whatIsNullIsNamed() {
        FairleadOptions options = fairlead.options();
        assertThatThrownBy(() -> fairlead.reconfigure(null)).hasMessage("options");
        assertThatThrownBy(() -> options.forService(null)).hasMessage("service");
        assertThatThrownBy(() -> options.forService(null, o -> o)).hasMessage("service");
        assertThatThrownBy(() -> options.forService("orders", null)).hasMessage("change");
        assertThatThrownBy(() -> options.forService("orders", o -> null)).hasMessage("what the change gave");
        assertThatThrownBy(() -> options.withIdleAfter(null)).hasMessage("idleAfter");
        assertThatThrownBy(() -> options.withSnapshots(null)).hasMessage("snapshots");
        assertThatThrownBy(() -> options.withServiceName(null)).hasMessage("serviceName");
        assertThatThrownBy(() -> options.withServiceSuffix(null)).hasMessage("serviceSuffix");
        assertThatThrownBy(() -> options.forEveryService(o -> o.withPolicy((String) null)))
                .hasMessage("policy");
        assertThatThrownBy(() -> options.forEveryService(o -> o.withFirstListTimeout(null)))
                .hasMessage("firstListTimeout");
        assertThatThrownBy(() -> options.forService(" ", o -> o))
                .hasMessage("forService: ' ' (expected: the name of a service)");
        assertThat(fairlead.options()).isSameAs(options);
    }

    @Test
    void aClosedBalancerIsNotReconfigured() {
        ready("a");
        FairleadOptions options = fairlead.options();
        fairlead.close();
        assertThatThrownBy(() -> change(o -> o.withPolicy("random")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(fairlead.options()).isSameAs(options);
    }

    @Test
    void sharesOfInstancesEndWithThePortionThatGaveThem() {
        ready(IntStream.range(0, 100).mapToObj(i -> "i" + i).toArray(String[]::new));
        change(o -> o.withSubsetting(Subsetting.aperture(1, 7).withSize(40, 20)));
        assertThat(status().instances()).anyMatch(view -> view.effectiveWeight() < 1);
        change(o -> o.withSubsetting(Subsetting.off()));
        assertThat(status().instances()).allMatch(view -> view.effectiveWeight() == 1);
    }

    @Test
    void anInstanceThatLeftAndComesBackIsUnderTheOptionsOfNow() {
        start(o -> o.withGuard(new Lenient(3)).withOutagePolicy(OutagePolicy.off()));
        ready("a", "b");
        registry.lists("a");
        change(o -> o.withGuard(new Lenient(7)));
        registry.lists("a", "b");
        assertThat(view("b").guardReason()).isEqualTo("0 of 7");
    }

    static Stream<Arguments> lasting() {
        return Stream.of(
                Arguments.of(
                        "idleAfter: PT1M (expected: PT10M, can not be changed while running)",
                        tree(o -> o.withIdleAfter(Duration.ofMinutes(1)))),
                Arguments.of(
                        "addressPolicy: loopback (expected: no loopback, can not be changed while running)",
                        tree(o -> o.withAddressPolicy(AddressPolicy.defaults().allowLoopback()))),
                Arguments.of(
                        "snapshots: lists (expected: off, can not be changed while running)",
                        tree(o -> o.withSnapshots(Path.of("lists")))),
                Arguments.of(
                        "serviceNames: [orders.internal] (expected: [], can not be changed while running)",
                        tree(o -> o.withServiceName("orders.internal"))),
                Arguments.of(
                        "serviceSuffixes: [.svc] (expected: [], can not be changed while running)",
                        tree(o -> o.withServiceSuffix(".svc"))),
                Arguments.of(
                        "guard: " + Lenient.class.getName(),
                        tree(o -> o.forService("billing", s -> s.withGuard(new Lenient(1))))));
    }

    private static UnaryOperator<FairleadOptions> tree(UnaryOperator<FairleadOptions> change) {
        return change;
    }

    @ParameterizedTest
    @MethodSource("lasting")
    void whatCanNotBeChangedIsRefusedByNameAndNothingChanges(String message, UnaryOperator<FairleadOptions> change) {
        ready("a", "b", "c");
        FairleadOptions before = fairlead.options();
        FairleadOptions wanted = change.apply(before.forEveryService(o -> o.withRetries(Retries.off())));
        assertThatThrownBy(() -> fairlead.reconfigure(wanted))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("reconfigure: " + message);
        assertThat(fairlead.options()).isSameAs(before);
        assertThat(attemptsOfAFailingCall()).isEqualTo(3);
    }

    @Test
    void aCallThatHasBegunGoesOnUnderItsOptions() throws IOException {
        ready("a", "b", "c");
        change(o -> o.withPolicy(new Only("a")).withRetries(o.retries().withAttempts(3)));
        List<String> tried = new ArrayList<>();
        assertThatThrownBy(() -> fairlead.call("orders", attempt -> {
                    tried.add(attempt.instance().id());
                    change(o -> o.withPolicy(new Only("b")).withRetries(Retries.off()));
                    throw new ConnectException("refused");
                }))
                .isInstanceOf(ConnectException.class);
        assertThat(tried).hasSize(3).startsWith("a");
        assertThat(picked()).isEqualTo("b");
    }

    private void start(UnaryOperator<ServiceOptions> options) {
        fairlead.close();
        fairlead = Fairlead.builder(registry)
                .environment(time.environment(1, events))
                .options(FairleadOptions.defaults().forEveryService(options))
                .build();
    }

    private void ready(String... ids) {
        registry.lists(ids);
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
    }

    private void change(UnaryOperator<ServiceOptions> change) {
        fairlead.reconfigure(fairlead.options().forEveryService(change));
    }

    private ServiceStatus status() {
        return fairlead.status("orders");
    }

    private ServiceStatus.InstanceView view(String id) {
        return status().instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private String call() throws IOException {
        return fairlead.call("orders", attempt -> "ok");
    }

    private String picked() throws IOException {
        return fairlead.call("orders", attempt -> attempt.instance().id());
    }

    private Stream<String> picks(int calls) throws IOException {
        List<String> picks = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            picks.add(picked());
        }
        return picks.stream();
    }

    private int attemptsOfAFailingCall() {
        int[] attempts = {0};
        assertThatThrownBy(() -> fairlead.call("orders", attempt -> {
                    attempts[0]++;
                    throw new ConnectException("refused");
                }))
                .isInstanceOf(IOException.class);
        return attempts[0];
    }

    private void shed() {
        try {
            fairlead.call("orders", new Shedding());
        } catch (IOException | CallRejectedException expected) {
            assertThat(expected).isNotNull();
        }
    }

    private void failOnce(String id) {
        Attempt attempt = fairlead.acquire("orders", PickContext.none());
        while (!attempt.instance().id().equals(id)) {
            attempt.close();
            attempt = fairlead.acquire("orders", PickContext.none());
        }
        attempt.complete(Outcome.FAILURE);
        attempt.close();
    }

    private void slowOn(String id) throws IOException {
        for (int i = 0; i < 200; i++) {
            Attempt attempt = fairlead.acquire("orders", PickContext.none());
            time.jump(Duration.ofMillis(attempt.instance().id().equals(id) ? 900 : 1)
                    .toNanos());
            attempt.complete(Outcome.SUCCESS);
            attempt.close();
        }
    }

    private static ServiceInstance inZone(String id, String zone) {
        return FakeRegistry.instance(id).toBuilder().zone(zone).build();
    }

    /** A service that answers each call with a 503. */
    private static final class Shedding implements Transport<String> {
        @Override
        public String send(Attempt attempt) {
            return "503";
        }

        @Override
        public Verdict judge(String response) {
            return Verdict.ofStatus(503, null);
        }
    }

    /** Picks one instance and no other. */
    private record Only(String id) implements BalancingPolicy {
        @Override
        public String name() {
            return "only " + id;
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            Candidate chosen = candidates.stream()
                    .filter(candidate -> candidate.instance().id().equals(id))
                    .findFirst()
                    .orElseThrow();
            return new OnlyPicker(id, previous == null ? "" : ((OnlyPicker) previous).id(), chosen);
        }
    }

    private record OnlyPicker(String id, String before, Candidate chosen) implements Picker {
        @Override
        public Candidate pick(PickContext context, long nowNanos) {
            return chosen.accepts(context, nowNanos) ? chosen : null;
        }
    }

    /** Reads how many attempts the service has in flight. */
    private static final class Counted implements BalancingPolicy {
        static final AtomicInteger made = new AtomicInteger();
        static final AtomicInteger seen = new AtomicInteger();

        @Override
        public String name() {
            return "counted";
        }

        @Override
        public boolean needsServiceInFlight() {
            return true;
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            made.incrementAndGet();
            return (context, nowNanos) -> {
                seen.set((int) candidates.get(0).serviceInFlight());
                return candidates.get(0);
            };
        }
    }

    /** Guards that count failures and never object. */
    private record Lenient(int most) implements InstanceGuard.Factory {
        @Override
        public InstanceGuard newGuard(ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment shared) {
            return new LenientGuard(most);
        }

        @Override
        public boolean adoptsGuardsOf(InstanceGuard.Factory other) {
            return other instanceof Lenient;
        }

        @Override
        public Runnable adoption(InstanceGuard guard) {
            return () -> ((LenientGuard) guard).most = most;
        }
    }

    private static final class LenientGuard implements InstanceGuard {
        private final AtomicInteger failures = new AtomicInteger();
        private volatile int most;

        LenientGuard(int most) {
            this.most = most;
        }

        @Override
        public Object tryAcquire(long nowNanos) {
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
            failures.addAndGet(outcome.isFailure() ? 1 : 0);
        }

        @Override
        public boolean isAvailable(long nowNanos) {
            return true;
        }

        @Override
        public Description describe(long nowNanos) {
            return new Description(GuardState.CLOSED, failures + " of " + most, 0);
        }
    }

    /** A guard of the service that counts its calls, whoever made it. */
    private record Counting(String name) implements ServiceGuard.Factory {
        @Override
        public ServiceGuard newGuard(String service, boolean rejects, Environment shared) {
            return new CountingGuard(name);
        }

        @Override
        public Runnable adoption(ServiceGuard guard) {
            return () -> ((CountingGuard) guard).name = name;
        }
    }

    private static final class CountingGuard implements ServiceGuard {
        private final AtomicInteger calls = new AtomicInteger();
        private volatile String name;

        CountingGuard(String name) {
            this.name = name;
        }

        @Override
        public Object tryAcquire(long nowNanos) {
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
            calls.incrementAndGet();
        }

        @Override
        public InstanceGuard.Description describe(long nowNanos) {
            return new InstanceGuard.Description(GuardState.METRICS_ONLY, name + ": " + calls, 0);
        }
    }
}
