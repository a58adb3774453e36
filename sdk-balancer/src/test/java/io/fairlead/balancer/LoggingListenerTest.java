// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.InstanceHealth.State;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.VirtualTime;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.slf4j.event.Level;

class LoggingListenerTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordedLog log = new RecordedLog();
    private final LoggingListener listener = new LoggingListener(time, log::logger);
    private final ServiceInstance one = instance("orders-1");

    @Test
    void everyKindOfLineIsAWholeSentenceWithItsLevelAndKeys() {
        listener.onSnapshot(new ServiceSnapshot("orders", 7, List.of(one)));
        listener.onSnapshot(new ServiceSnapshot("orders", 8, List.of()));
        said("INFO io.fairlead.orders: 'orders' has its first list: 1 instance", "fairlead.service=orders");
        listener.onWatchInterrupted(
                "orders", new RegistryException(RegistryException.Reason.UNREACHABLE, "Connection refused"));
        said(
                "WARN io.fairlead.orders: the watch of 'orders' is interrupted, the last list is served: Connection refused",
                "fairlead.service=orders",
                "fairlead.reason=UNREACHABLE");
        listener.onWatchRestored("orders", Duration.ofMillis(12_300));
        said("INFO io.fairlead.orders: the watch of 'orders' works again after 12.3 s", "fairlead.service=orders");
        listener.onInstancesHeld("orders", 3, "the watch was interrupted");
        said(
                "WARN io.fairlead.orders: 'orders' keeps 3 instances that its list lacks: the watch was interrupted",
                "fairlead.service=orders",
                "fairlead.reason=the watch was interrupted");
        listener.onInstancesReleased("orders", 1, "the grace is over");
        said(
                "INFO io.fairlead.orders: 'orders' lets go 1 instance that its list lacks: the grace is over",
                "fairlead.service=orders",
                "fairlead.reason=the grace is over");
        listener.onInstanceRejected("orders", "x", "port: 0 (expected: 1..65535)");
        said(
                "WARN io.fairlead.orders: entry x of 'orders': port: 0 (expected: 1..65535)",
                "fairlead.service=orders",
                "fairlead.instance=x",
                "fairlead.reason=port: 0 (expected: 1..65535)");
        listener.onInstanceRejected("orders", "y", "used without tag 'a?b'");
        said(
                "WARN io.fairlead.orders: entry y of 'orders': used without tag 'a?b'",
                "fairlead.service=orders",
                "fairlead.instance=y",
                "fairlead.reason=used without tag 'a?b'");
        ofRegistrations();
        ofHealth();
        ofTheWholeService();
        ofRoutesAndCallbacks();
    }

    private void ofRegistrations() {
        String[] keys = {"fairlead.service=orders", "fairlead.instance=orders-1"};
        listener.onRegistered(one);
        said("INFO io.fairlead.orders: orders-1 of 'orders' is registered at 10.0.0.1:80", keys);
        listener.onDeregistered(one);
        said("INFO io.fairlead.orders: orders-1 of 'orders' is deregistered", keys);
        listener.onRegistrationLost(one, "the record is absent");
        said(
                "WARN io.fairlead.orders: the registration of orders-1 of 'orders' is lost and written again: the record is"
                        + " absent",
                keys[0],
                keys[1],
                "fairlead.reason=the record is absent");
        listener.onRegistrationRepaired(one);
        said("INFO io.fairlead.orders: the registration of orders-1 of 'orders' stands again", keys);
    }

    private void ofHealth() {
        InstanceHealth active = health(State.ACTIVE, "", "");
        listener.onInstanceHealthChanged(one, active, health(State.EJECTED, "guard", "5 failures in a row"));
        said(
                "WARN io.fairlead.orders: orders-1 of 'orders' is ejected by guard: 5 failures in a row",
                "fairlead.service=orders",
                "fairlead.instance=orders-1",
                "fairlead.reason=guard");
        InstanceHealth probing = health(State.PROBING, "guard", "1 of 2 probes");
        int before = log.events.size();
        listener.onInstanceHealthChanged(one, health(State.EJECTED, "guard", ""), probing);
        listener.onInstanceHealthChanged(one, probing, health(State.EJECTED, "guard", "probe failed"));
        listener.onInstanceHealthChanged(one, active, health(State.DRAINING, "registry", "draining"));
        assertThat(log.events).hasSize(before);
        listener.onInstanceHealthChanged(one, probing, health(State.WARMING, "slow start", "10 % of its weight"));
        said(
                "INFO io.fairlead.orders: orders-1 of 'orders' takes calls again: WARMING by slow start (10 % of its weight)",
                "fairlead.service=orders", "fairlead.instance=orders-1");
    }

    private void ofTheWholeService() {
        listener.onPanic("orders", true);
        said(
                "WARN io.fairlead.orders: 'orders' panics: so few of its instances are usable that calls go to all of them",
                "fairlead.service=orders");
        listener.onPanic("orders", false);
        said("INFO io.fairlead.orders: 'orders' panics no more", "fairlead.service=orders");
        listener.onServiceDegraded("orders", true);
        said(
                "WARN io.fairlead.orders: 'orders' is degraded: so many of its instances are slow that slowness takes no more"
                        + " weight from any",
                "fairlead.service=orders");
        listener.onServiceDegraded("orders", false);
        said("INFO io.fairlead.orders: 'orders' is degraded no more", "fairlead.service=orders");
        listener.onRetryBudgetExhausted("orders");
        said(
                "WARN io.fairlead.orders: the retry budget of 'orders' is spent: calls that fail are not tried again",
                "fairlead.service=orders");
        listener.onServiceGuardChanged("orders", GuardState.CLOSED, GuardState.OPEN, "12 of 20 calls failed");
        said(
                "WARN io.fairlead.orders: the guard of the whole service 'orders' is OPEN: 12 of 20 calls failed",
                "fairlead.service=orders",
                "fairlead.reason=12 of 20 calls failed");
        int before = log.events.size();
        listener.onServiceGuardChanged("orders", GuardState.OPEN, GuardState.HALF_OPEN, "waited");
        listener.onServiceGuardChanged("orders", GuardState.HALF_OPEN, GuardState.OPEN, "probe failed");
        assertThat(log.events).hasSize(before);
        listener.onServiceGuardChanged("orders", GuardState.HALF_OPEN, GuardState.CLOSED, "2 probes succeeded");
        said(
                "INFO io.fairlead.orders: the guard of the whole service 'orders' is CLOSED again: 2 probes succeeded",
                "fairlead.service=orders",
                "fairlead.reason=2 probes succeeded");
    }

    private void ofRoutesAndCallbacks() {
        listener.onRoutesChanged("routes file x, version '7'", List.of("orders.split: v2 5 → 25 %", "b"));
        said("INFO io.fairlead: routes file x, version '7', in force: orders.split: v2 5 → 25 %; b");
        listener.onRoutesKept("routes file x", "it is gone; what code has set holds");
        said(
                "WARN io.fairlead: routes file x: it is gone; what code has set holds",
                "fairlead.reason=it is gone; what code has set holds");
        listener.onCallbackFailed(
                "fallback of 'orders'", new IllegalStateException("boom", new IllegalArgumentException("a\nb")));
        assertThat(log.lines().get(log.events.size() - 1))
                .startsWith(
                        "WARN io.fairlead: fallback of 'orders': failed: java.lang.IllegalStateException: boom; caused by"
                                + " java.lang.IllegalArgumentException: a?b; at io.fairlead.balancer.LoggingListenerTest")
                .doesNotContain("\n");
        assertThat(log.lastKeys()).containsExactly("fairlead.reason=java.lang.IllegalStateException");
    }

    @Test
    void ofOneKindAndInstanceThereIsOneLineAMinuteAndTheNextSaysHowManyWereLeftOut() {
        for (int i = 0; i < 213; i++) {
            listener.onRetryBudgetExhausted("orders");
        }
        assertThat(log.events).hasSize(1);
        listener.onRetryBudgetExhausted("payments");
        assertThat(log.events).as("of another service").hasSize(2);
        time.advance(Duration.ofSeconds(61));
        listener.onRetryBudgetExhausted("orders");
        assertThat(log.lines().get(2)).endsWith("are not tried again (and 212 more)");
        time.advance(Duration.ofSeconds(61));
        listener.onRetryBudgetExhausted("orders");
        assertThat(log.lines().get(3)).endsWith("are not tried again");
    }

    @Test
    void ofOneKindAndServiceThereAreTenLinesAMinute() {
        InstanceHealth active = health(State.ACTIVE, "", "");
        InstanceHealth ejected = health(State.EJECTED, "guard", "5 failures in a row");
        IntStream.range(0, 222).forEach(i -> listener.onInstanceHealthChanged(instance("o-" + i), active, ejected));
        assertThat(log.lines()).hasSize(10);
        time.advance(Duration.ofSeconds(60));
        listener.onInstanceHealthChanged(one, active, ejected);
        assertThat(log.lines()).hasSize(11).last().asString().endsWith("(and 212 more)");
    }

    @Test
    void whatWasLeftOutIsToldWhenNothingOfItsKindFollows() {
        for (int i = 0; i < 3; i++) {
            listener.onRetryBudgetExhausted("orders");
        }
        time.advance(Duration.ofMinutes(2));
        listener.onPanic("payments", false);
        assertThat(log.lines())
                .hasSize(3)
                .last()
                .isEqualTo("WARN io.fairlead.orders: lines 'budget exhausted' of 'orders' were left out: 2");
        assertThat(log.lastKeys()).containsExactly("fairlead.service=orders");
    }

    @Test
    void whatIsKeptIsBoundedAndLeaves() {
        LogLimit limit = new LogLimit(0);
        for (int i = 0; i < 5_000; i++) {
            limit.ask(LogEvent.PANIC, "s" + i, "", 1);
        }
        assertThat(limit.size()).isEqualTo(LogLimit.MOST_TOPICS + 1);
        assertThat(limit.ask(LogEvent.PANIC, "s4999", "", 2))
                .as("without a place of its own")
                .isEqualTo(-1);
        assertThat(limit.sweep(LogLimit.MINUTE_NANOS)).as("not over yet").isEmpty();
        assertThat(limit.sweep(2 * LogLimit.MINUTE_NANOS))
                .containsExactly(new LogLimit.LeftOut(new LogLimit.Topic(LogEvent.PANIC, ""), 4_000));
        assertThat(limit.size()).isZero();
    }

    @Test
    void othersTextBeginsNoLineAndIsShort() {
        String forged = "x\r\n2026-11-30 ERROR forged\u2028\u202e" + "y".repeat(5_000);
        ServiceInstance hostile = instance("id-1");
        listener.onRegistrationLost(hostile, forged);
        listener.onInstanceRejected("orders", forged, forged);
        listener.onInstancesHeld("orders", 1, forged);
        listener.onRoutesChanged(forged, List.of(forged, forged));
        listener.onRoutesKept(forged, forged);
        listener.onCallbackFailed(forged, new IllegalStateException(forged));
        listener.onServiceGuardChanged("orders", GuardState.CLOSED, GuardState.OPEN, forged);
        assertThat(log.events).hasSize(7).allSatisfy(event -> {
            assertThat(event.getMessage())
                    .doesNotContainPattern("[\\p{Cc}\\u2028\\u202e]")
                    .hasSizeLessThan(2_000);
            assertThat(event.getThrowable())
                    .as("a stack trace has others' words in lines of its own")
                    .isNull();
            if (event.getKeyValuePairs() != null) {
                event.getKeyValuePairs()
                        .forEach(pair -> assertThat((String) pair.value)
                                .doesNotContainPattern("[\\p{Cc}\\u2028\\u202e]")
                                .hasSizeLessThan(400));
            }
        });
    }

    @Test
    void aBraceInOthersTextFillsNothingIn() {
        listener.onRegistrationLost(one, "{service} {} %s {detail}");
        assertThat(log.lines().get(0)).endsWith("written again: {service} {} %s {detail}");
    }

    @Test
    void aLevelThatIsOffCostsNoLineAndCountsNothing() {
        log.lowest = Level.WARN;
        listener.onSnapshot(new ServiceSnapshot("orders", 1, List.of(one)));
        listener.onRegistered(one);
        assertThat(log.events).isEmpty();
        listener.onPanic("orders", true);
        assertThat(log.events).hasSize(1);
    }

    @Test
    void theMdcOfTheCallerIsNotTouched() {
        MDC.put("request", "7");
        listener.onPanic("orders", true);
        assertThat(MDC.getCopyOfContextMap() == null ? "7" : MDC.get("request")).isEqualTo("7");
    }

    @Test
    void itIsFoundWithoutBeingNamedAndHearsOfNoCall() {
        assertThat(ServiceLoader.load(EventListener.class)).hasAtLeastOneElementOfType(LoggingListener.class);
        Environment system = Environment.system();
        assertThat(system.hearsAttempts()).isFalse();
        assertThat(system.hearsCalls()).isFalse();
        assertThat(Arrays.stream(LoggingListener.class.getDeclaredMethods()).map(Method::getName))
                .doesNotContain("onAttempt", "onCall", "onHedge", "onFallback", "onNoInstance", "onCallRejected");
    }

    @Test
    void everyMethodThatHasALineIsOverriddenAndThePageHasTheTable() throws Exception {
        TreeSet<String> named = new TreeSet<>();
        StringBuilder table = new StringBuilder(
                "| Line | Level | Method of `EventListener` | Sentence | Keys |\n" + "|---|---|---|---|---|\n");
        for (LogEvent event : LogEvent.values()) {
            named.add(event.method);
            table.append("| ")
                    .append(event.words())
                    .append(" | ")
                    .append(event.level)
                    .append(" | `")
                    .append(event.method)
                    .append("` | ")
                    .append(shown(event))
                    .append(" | ")
                    .append(keys(event))
                    .append(" |\n");
        }
        TreeSet<String> overridden = new TreeSet<>();
        for (Method method : LoggingListener.class.getDeclaredMethods()) {
            if (method.getName().startsWith("on")) {
                overridden.add(method.getName());
            }
        }
        assertThat(overridden).isEqualTo(named);
        Path page = Path.of("../docs/logs.md");
        String text = Files.readString(page);
        String begin = "<!-- lines -->\n";
        String end = "<!-- /lines -->";
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf(end);
        if (Boolean.getBoolean("readme.update")) {
            Files.writeString(page, text.substring(0, from) + table + text.substring(to));
        } else {
            assertThat(text.substring(from, to)).isEqualTo(table.toString());
        }
    }

    private static String shown(LogEvent event) {
        return event.sentence.formatted(
                "{service}", event.isOfAnInstance() ? "{instance}" : "{source}", "{reason}", "{detail}");
    }

    private static String keys(LogEvent event) {
        StringBuilder keys = new StringBuilder();
        if (event.sentence.contains("%1$s")) {
            keys.append("`service`");
        }
        if (event.isOfAnInstance()) {
            keys.append(", `instance`");
        }
        if (!event.reason.isEmpty()) {
            keys.append(keys.isEmpty() ? "" : ", ")
                    .append("`reason` (")
                    .append(event.reason)
                    .append(")");
        }
        return keys.isEmpty() ? "–" : keys.toString();
    }

    private void said(String line, String... keys) {
        assertThat(log.lines()).last().isEqualTo(line);
        assertThat(log.lastKeys()).containsExactly(keys);
    }

    private static InstanceHealth health(State state, String reason, String evidence) {
        return new InstanceHealth(state, reason, evidence, 0);
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders").id(id).address("10.0.0.1", 80).build();
    }
}
