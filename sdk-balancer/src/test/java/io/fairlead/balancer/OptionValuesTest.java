// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.balancer.policy.LeastRequestPolicy;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Options are values: read, compared, printed, changed one part at a time, and overridden for one service. */
class OptionValuesTest {
    /** Another value for every kind of part an option has; a name with its class where a kind is not enough. */
    private static final Map<String, Object> OTHERS = Map.ofEntries(
            Map.entry("int", 77),
            Map.entry("double", 0.66),
            Map.entry("Duration", Duration.ofSeconds(77)),
            Map.entry("Throttle.k", 3.5),
            Map.entry("SlowStart.aggression", 2.5),
            Map.entry("ZonePreference.overprovisioning", 2.5),
            Map.entry("PeerRule.sigmas", 2.5),
            Map.entry("Hysteresis.relativeGuard", 2.5),
            Map.entry("Retries.attempts", 7),
            Map.entry("Retries.allowance", new Retries.Tokens(10, 0.1)),
            Map.entry("HealthPolicy.peers", HealthPolicy.PeerRule.off()),
            Map.entry("HealthPolicy.check", HealthCheck.http("/health")),
            Map.entry(
                    "DynamicWeights.hysteresis",
                    DynamicWeights.Hysteresis.defaults().withSmoothing(1)),
            Map.entry("DynamicWeights.signal", DynamicWeights.Signal.P90));

    static Stream<Record> options() {
        return Stream.of(
                RateLimit.of(50, 10),
                Throttle.defaults(),
                Hedging.defaults(),
                ConcurrencyLimits.defaults().withBounds(1, 100),
                Retries.defaults(),
                ZonePreference.own("a"),
                SlowStart.defaults(),
                Subsetting.defaults(),
                DynamicWeights.defaults(),
                DynamicWeights.Hysteresis.defaults(),
                OutagePolicy.defaults(),
                HealthPolicy.defaults(),
                HealthPolicy.PeerRule.defaults());
    }

    /** So that nobody adds one and forgets a place. */
    @Test
    void everyOptionOfAServiceHasAReaderASetterAndATest() throws ReflectiveOperationException {
        Set<String> tried = options().map(option -> option.getClass().getName()).collect(Collectors.toSet());
        Set<String> setters = Stream.of(FairleadBuilder.class.getMethods())
                .map(Method::getName)
                .collect(Collectors.toSet());
        for (Field field : ServiceOptions.class.getDeclaredFields()) {
            if (field.getType() != Option.class) {
                continue;
            }
            field.setAccessible(true);
            Option<?> option = (Option<?>) Objects.requireNonNull(field.get(null));
            Object standard = ServiceOptions.class.getMethod(option.name()).invoke(ServiceOptions.defaults());
            assertThat(standard).as(option.name()).isEqualTo(option.standard().get());
            String setter = "with" + Character.toUpperCase(option.name().charAt(0))
                    + option.name().substring(1);
            assertThat(ServiceOptions.class.getMethods())
                    .extracting(Method::getName)
                    .contains(setter);
            assertThat(setters).contains(option.name());
            if (standard instanceof Record) {
                assertThat(tried).contains(standard.getClass().getName());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void aSetterOfOnePartChangesThatPartAlone(Record option) throws ReflectiveOperationException {
        for (RecordComponent part : option.getClass().getRecordComponents()) {
            Method setter = setterOf(option, part);
            if (setter == null) {
                continue;
            }
            Object value = other(option, part);
            Record changed = (Record) setter.invoke(option, value);
            assertThat(changed).isNotEqualTo(option);
            assertThat(setter.invoke(changed, read(option, part)))
                    .isEqualTo(option)
                    .hasSameHashCodeAs(option);
            for (RecordComponent each : option.getClass().getRecordComponents()) {
                boolean isIt = each.getName().equals(part.getName());
                assertThat(read(changed, each)).as(each.getName()).isEqualTo(isIt ? value : read(option, each));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void whatCanBeOffSaysSoInOneWay(Record option) throws ReflectiveOperationException {
        if (option instanceof DynamicWeights.Hysteresis) {
            return;
        }
        Object off = option.getClass().getMethod("off").invoke(null);
        Method isOff = option.getClass().getMethod("isOff");
        assertThat(isOff.invoke(off)).isEqualTo(true);
        assertThat(isOff.invoke(option)).isEqualTo(false);
        assertThat(off).hasToString("off").isNotEqualTo(option);
        assertThat(option.toString()).isNotEqualTo("off");
    }

    @Test
    void anOptionOfOneServiceGoesBeforeThatOfEveryServiceAndThatBeforeTheDefault() {
        FairleadOptions options = FairleadOptions.defaults()
                .forService("Orders", o -> o.withRetries(Retries.off()))
                .forEveryService(
                        o -> o.withRetries(Retries.defaults().withAttempts(5)).withPolicy("random"));
        assertThat(options.forService("orders").retries()).isEqualTo(Retries.off());
        assertThat(options.forService("orders").policy().name()).isEqualTo("random");
        assertThat(options.forService("billing").retries().attempts()).isEqualTo(5);
        assertThat(options.forService("billing").hedging()).isEqualTo(Hedging.off());
        assertThat(FairleadOptions.defaults().forService("billing").retries()).isEqualTo(Retries.defaults());
    }

    @Test
    void aChangeForOneServiceReadsWhatHoldsForItAndSetsOnlyWhatItNames() {
        FairleadOptions options = FairleadOptions.defaults()
                .forEveryService(
                        o -> o.withRetries(Retries.defaults().withAttempts(5)).withPolicy("random"))
                .forService("orders", o -> o.withRetries(o.retries().withBudget(0.5, 1)));
        assertThat(options.forService("orders").retries())
                .isEqualTo(Retries.defaults().withAttempts(5).withBudget(0.5, 1));
        FairleadOptions later = options.forEveryService(o -> o.withPolicy("round_robin"));
        assertThat(later.forService("orders").policy().name()).isEqualTo("round_robin");
    }

    @Test
    void aTreeOfOptionsIsEqualToOneThatSaysTheSame() {
        FairleadOptions one = tree();
        assertThat(tree()).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(one.withIdleAfter(Duration.ofHours(1))).isNotEqualTo(one);
        assertThat(one.forService("orders", o -> o.withHedging(Hedging.off()))).isNotEqualTo(one);
    }

    @Test
    void aTreeOfOptionsPrintsWhatDiffersFromTheDefaults() {
        assertThat(FairleadOptions.defaults()).hasToString("defaults");
        assertThat(FairleadOptions.defaults().forEveryService(o -> o.withHedging(Hedging.off())))
                .hasToString("defaults");
        assertThat(tree())
                .hasToString(
                        String.join(
                                "\n",
                                "idleAfter=PT1M, serviceSuffixes=[.svc]",
                                "every service: policy=round_robin, retries=5 attempts, Budget[ratio=0.2, perSecond=3],"
                                        + " [IDEMPOTENT_ON_TIMEOUT]",
                                "orders: hedging=after percentile 0.95, at most 0.02 a call, rateLimit=50.0 a second, burst 10"));
    }

    @Test
    void aPolicyFoundByNameTwiceIsTheSame() {
        assertThat(ServiceOptions.defaults().withPolicy("random"))
                .isEqualTo(ServiceOptions.defaults().withPolicy("random"));
        assertThat(ServiceOptions.defaults().policy())
                .isSameAs(ServiceOptions.defaults().policy());
        assertThat(ServiceOptions.defaults().withPolicy(new LeastRequestPolicy().withChoices(3)))
                .isNotEqualTo(ServiceOptions.defaults().withPolicy("least_request"));
    }

    @Test
    void aWrongOptionIsRefusedWithWhatWasExpected() {
        assertThatThrownBy(() -> ServiceOptions.defaults().withFirstListTimeout(Duration.ofSeconds(-1)))
                .hasMessage("firstListTimeout: PT-1S (expected: zero or more)");
        assertThatThrownBy(() -> ServiceOptions.defaults().withPolicy("ranom"))
                .hasMessageStartingWith("policy: 'ranom'");
        assertThatThrownBy(() -> FairleadOptions.defaults().withServiceSuffix("svc"))
                .hasMessage("serviceSuffix: 'svc' (expected: as in '.service')");
    }

    private static FairleadOptions tree() {
        return FairleadOptions.defaults()
                .withIdleAfter(Duration.ofMinutes(1))
                .withServiceSuffix(".svc")
                .forEveryService(
                        o -> o.withPolicy("round_robin").withRetries(o.retries().withAttempts(5)))
                .forService("orders", o -> o.withRateLimit(RateLimit.of(50, 10)).withHedging(Hedging.defaults()));
    }

    private static Object read(Record option, RecordComponent part) throws ReflectiveOperationException {
        return Objects.requireNonNull(part.getAccessor().invoke(option));
    }

    private static Method setterOf(Record option, RecordComponent part) {
        String name = "with" + Character.toUpperCase(part.getName().charAt(0))
                + part.getName().substring(1);
        return Stream.of(option.getClass().getMethods())
                .filter(method -> method.getName().equals(name) && !method.isVarArgs())
                .filter(method -> List.of(method.getParameterTypes()).equals(List.of(part.getType())))
                .findFirst()
                .orElse(null);
    }

    private static Object other(Record option, RecordComponent part) {
        String type = option.getClass().getSimpleName();
        Object named = OTHERS.get(type + "." + part.getName());
        return named != null
                ? named
                : Objects.requireNonNull(OTHERS.get(part.getType().getSimpleName()), part.getName());
    }
}
