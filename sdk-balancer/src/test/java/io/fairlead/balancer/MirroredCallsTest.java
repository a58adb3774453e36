// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.CallCopy.Fate;
import io.fairlead.balancer.ServiceStatus.MirrorView;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.spi.RequestFacts;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which calls a mirror gets a copy of, and that nothing else is as it would not be without. */
class MirroredCallsTest {
    private static final Mirror SHADOW = Mirror.to("shadow");
    private static final int MANY = 40_000;

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    /** A request of one user. */
    private record Request(
            String method, @Nullable String user, @Nullable String mirror) implements RequestFacts {
        @Override
        public String path() {
            return "/v1/orders";
        }

        @Override
        public @Nullable String header(String name) {
            return name.equalsIgnoreCase("X-User")
                    ? user
                    : name.equalsIgnoreCase(CallSpec.MIRROR_HEADER) ? mirror : null;
        }
    }

    /** Answers, after so many failures; takes copies as a client does. */
    private static final class Client implements Transport<String> {
        final List<CallCopy> copies = new ArrayList<>();
        final Map<String, Integer> sent = new HashMap<>();
        Fate fate = Fate.SENT;

        @Nullable
        RuntimeException thrown;

        int failures;
        String last = "";

        @Override
        public String send(Attempt attempt) throws ConnectException {
            last = attempt.instance().id();
            sent.merge(last, 1, Integer::sum);
            if (failures-- > 0) {
                throw new ConnectException("refused");
            }
            return last;
        }

        @Override
        public Fate copy(CallCopy copy) {
            if (thrown != null) {
                throw thrown;
            }
            copies.add(copy);
            return fate;
        }
    }

    private final Client client = new Client();

    @Test
    void aCopyGoesToAnInstanceOfTheMirrorAndNamesTheRule() throws IOException {
        Fairlead fairlead = fairlead(mirrored(SHADOW));
        lists("stable", "shadow");
        assertThat(fairlead.call(get(), client)).isEqualTo("stable");
        CallCopy copy = client.copies.get(0);
        assertThat(copy.instance().id()).isEqualTo("shadow");
        assertThat(copy.rule()).isEqualTo("default");
        assertThat(copy.mirror()).isEqualTo(SHADOW);
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 1, 0, 0, 0, 0, 0, 1));
        copy.end(false);
        copy.end(true);
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 1, 0, 0, 0, 0, 1, 0));
    }

    @Test
    void anAsynchronousCallIsCopiedToo() {
        Fairlead fairlead = fairlead(mirrored(SHADOW));
        lists("stable", "shadow");
        AsyncTransport<String> async = new AsyncTransport<>() {
            @Override
            public CompletionStage<String> send(Attempt attempt) {
                return CompletableFuture.completedFuture(attempt.instance().id());
            }

            @Override
            public Fate copy(CallCopy copy) {
                return client.copy(copy);
            }
        };
        assertThat(fairlead.callAsync(get(), async).toCompletableFuture().join())
                .isEqualTo("stable");
        assertThat(client.copies).hasSize(1);
    }

    @Test
    void aCallIsCopiedOnceHoweverOftenItIsSent() throws IOException {
        Fairlead fairlead = fairlead(mirrored(SHADOW));
        lists("stable", "stable2", "stable3", "shadow");
        client.failures = 2;
        assertThat(fairlead.call(get(), client)).startsWith("stable");
        assertThat(client.sent).hasSize(3);
        assertThat(client.copies).hasSize(1);
    }

    @Test
    void onlyItsMethodsAreCopiedAndNoCopyIsCopiedAgain() throws IOException {
        Fairlead fairlead = fairlead(mirrored(SHADOW));
        lists("stable", "shadow");
        fairlead.call(spec("POST", null, null), client);
        fairlead.call(spec("GET", null, "other"), client);
        fairlead.call(CallSpec.of("orders"), client);
        assertThat(client.copies).isEmpty();
        fairlead.call(spec("HEAD", null, null), client);
        assertThat(client.copies).hasSize(1);
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 1, 0, 0, 0, 0, 0, 1));
    }

    @Test
    void whatIsOverTheBudgetIsDroppedAndCounted() throws IOException {
        Fairlead fairlead = fairlead(mirrored(SHADOW.withInFlight(2)));
        lists("stable", "shadow");
        for (int i = 0; i < 5; i++) {
            fairlead.call(get(), client);
        }
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 2, 3, 0, 0, 0, 0, 2));
        client.copies.forEach(copy -> copy.end(true));
        fairlead.call(get(), client);
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 3, 3, 0, 0, 0, 0, 1));
    }

    @Test
    void whatIsNotSentCountsByItsReasonAndTakesNoPlace() throws IOException {
        Fairlead fairlead = fairlead(mirrored(SHADOW.withInFlight(1)));
        lists("stable");
        fairlead.call(get(), client);
        lists("stable", "shadow");
        client.fate = Fate.BODY;
        fairlead.call(get(), client);
        client.fate = Fate.UNABLE;
        fairlead.call(get(), client);
        fairlead.call(get(), attempt -> "a client that knows of no copies");
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 0, 0, 1, 1, 2, 0, 0));
    }

    @Test
    void whoSaysThatABodyCanNotBeSentAgainKeepsItForTheCall() throws IOException {
        Fairlead fairlead = fairlead(mirrored(SHADOW));
        lists("stable", "shadow");
        CallSpec get = get();
        fairlead.call(new CallSpec(get.service(), get.context(), true, false, null), client);
        assertThat(client.copies).isEmpty();
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 0, 0, 1, 0, 0, 0, 0));
    }

    @Test
    void whatAClientThrowsForACopyFailsNoCall() throws IOException {
        Fairlead fairlead = fairlead(mirrored(SHADOW.withInFlight(1)));
        lists("stable", "shadow");
        client.thrown = new IllegalStateException("no copies today");
        for (int i = 0; i < 3; i++) {
            assertThat(fairlead.call(get(), client)).isEqualTo("stable");
        }
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 0, 0, 0, 0, 3, 0, 0));
    }

    @Test
    void aCallThatIsNotSentIsNotCopied() {
        Fairlead fairlead = fairlead(mirrored(SHADOW));
        lists("shadow");
        assertThatThrownBy(() -> fairlead.call(get(), client)).isInstanceOf(NoInstanceException.class);
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 0, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void theShareOfCopiesIsTheSameWhereverACallWasDrawn() throws IOException {
        Fairlead fairlead = fairlead(
                routes(Rule.otherwise().to("canary", 30).to("stable", 70).mirror(SHADOW.withPercent("20"))));
        lists("stable", "canary", "shadow");
        Map<String, Integer> copied = new HashMap<>();
        for (int i = 0; i < MANY; i++) {
            fairlead.call(get(), client);
            if (!client.copies.isEmpty()) {
                copied.merge(client.last, 1, Integer::sum);
                client.copies.remove(0).end(true);
            }
        }
        client.sent.forEach((id, calls) -> assertThat((double) copied.get(id) / calls)
                .as("copied of those sent to " + id)
                .isCloseTo(0.2, within(4 * Math.sqrt(0.2 * 0.8 / calls))));
    }

    @Test
    void noKeyIsAlwaysCopiedAndNoneNever() throws IOException {
        Fairlead fairlead = fairlead(routes(Rule.otherwise()
                .to("canary", 50)
                .to("stable", 50)
                .by(StickyKey.header("X-User"))
                .mirror(SHADOW.withPercent("50"))));
        lists("stable", "canary", "shadow");
        Set<String> copied = new TreeSet<>();
        Set<String> not = new TreeSet<>();
        for (int i = 0; i < 2_000; i++) {
            String user = "user-" + i % 20;
            fairlead.call(spec("GET", user, null), client);
            (client.copies.isEmpty() ? not : copied).add(user);
            client.copies.forEach(copy -> copy.end(true));
            client.copies.clear();
        }
        assertThat(copied).hasSize(20);
        assertThat(not).hasSize(20);
    }

    @Test
    void copiesTakeNoTurnOfACall() throws IOException {
        Fairlead fairlead = fairlead(
                routes(Rule.otherwise().to("stable").mirror(Mirror.to("stable").withInFlight(1_000))));
        lists("stable", "stable2");
        String before = fairlead.call(get(), client);
        for (int i = 0; i < 100; i++) {
            String next = fairlead.call(get(), client);
            assertThat(next).isNotEqualTo(before);
            before = next;
        }
        assertThat(client.copies.stream().map(copy -> copy.instance().id()).distinct())
                .hasSize(2);
    }

    @Test
    void countsGoOnWhenTheRoutesChange() throws IOException {
        Fairlead fairlead = fairlead(mirrored(SHADOW));
        lists("stable", "shadow");
        fairlead.call(get(), client);
        Routes others = mirrored(SHADOW.withInFlight(1));
        fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRoutes(others)));
        fairlead.call(get(), client);
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 1, 1, 0, 0, 0, 0, 1));
        client.copies.get(0).end(true);
        fairlead.call(get(), client);
        assertThat(view(fairlead)).isEqualTo(new MirrorView("default", 2, 1, 0, 0, 0, 0, 1));
    }

    @Test
    void whatIsKnownOfInstancesIsTheSameWithADeadMirrorAsWithout() throws IOException {
        assertThat(new MirroredCallsTest().known(mirrored(SHADOW)))
                .isEqualTo(new MirroredCallsTest().known(routes(Rule.otherwise().to("stable"))));
    }

    /** After some calls, of which some fail and are sent again: instances, budget, and what a listener heard. */
    private List<Object> known(Routes routes) throws IOException {
        Fairlead fairlead = fairlead(routes);
        lists("stable", "stable2", "stable3", "shadow");
        for (int i = 0; i < 200; i++) {
            client.failures = i % 10 == 0 ? 1 : 0;
            fairlead.call(get(), client);
            client.copies.forEach(copy -> copy.end(false));
            client.copies.clear();
            time.advance(Duration.ofMillis(20));
        }
        ServiceStatus status = fairlead.status("orders");
        return List.of(status.instances(), status.retryBudget(), client.sent, events.events());
    }

    private static Routes mirrored(Mirror mirror) {
        return routes(Rule.otherwise().to("stable").mirror(mirror));
    }

    private static Routes routes(Rule.Builder otherwise) {
        return Routes.builder()
                .subset("canary", Subset.ofTags("canary"))
                .subset("stable", Subset.ofTags("stable"))
                .subset("shadow", Subset.ofTags("shadow"))
                .otherwise(otherwise.build())
                .build();
    }

    private Fairlead fairlead(Routes routes) {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment().withListener(events))
                .policy("round_robin")
                .forService("orders", o -> o.withRoutes(routes))
                .build();
        registry.lists(List.of());
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }

    /** Instances whose tag is their id without digits. */
    private void lists(String... ids) {
        List<ServiceInstance> instances = new ArrayList<>();
        for (String id : ids) {
            instances.add(FakeRegistry.instance(id).toBuilder()
                    .tag(id.replaceAll("[0-9]", ""))
                    .build());
        }
        registry.lists(instances);
    }

    private static CallSpec get() {
        return spec("GET", null, null);
    }

    private static CallSpec spec(String method, @Nullable String user, @Nullable String mirror) {
        return CallSpec.of("orders").with(PickContext.of(new Request(method, user, mirror), null));
    }

    private static MirrorView view(Fairlead fairlead) {
        return fairlead.status("orders").routes().mirrors().get(0);
    }
}
