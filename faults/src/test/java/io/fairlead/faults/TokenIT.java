// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fairlead.api.Registry;
import io.fairlead.balancer.Fairlead;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.RecordingSnapshots;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where an ACL token goes, and that a new one counts at once. */
class TokenIT {
    private static final String TOKEN = "ca9a7e01-1b52-4a71-b0a8-cafecafecafe";
    private static final String NEXT = "ca9a7e02-1b52-4a71-b0a8-cafecafecafe";

    private final FakeConsul consul = new FakeConsul();
    private final AtomicReference<String> token = new AtomicReference<>(TOKEN);
    private final Registry registry =
            ConsulRegistry.builder().address(consul.address()).token(token::get).build();

    TokenIT() throws Exception {}

    @AfterEach
    void stop() {
        registry.close();
        consul.close();
    }

    @Test
    void theTokenIsInAHeaderAndInNoUrl() {
        RecordingSnapshots seen = new RecordingSnapshots();
        consul.instances(10, "a");
        registry.watch("orders", seen);
        Load.await(() -> seen.last() != null);
        registry.list("orders");
        consul.instances(11, "a", "b");
        Load.await(() -> seen.ids().size() == 2);
        long inUrls = consul.queries().stream().filter(TokenIT::isTelling).count();
        long without =
                consul.tokens().stream().filter(each -> !each.equals(TOKEN)).count();
        record(
                "S9",
                "a token, over plain HTTP: list, watch, change",
                "in the header of each request, in 0 URLs",
                inUrls + " URLs with it; " + without + " of " + consul.tokens().size() + " requests without the header",
                inUrls == 0 && without == 0);
        assertThat(inUrls + without).isZero();
    }

    @Test
    void aNewTokenCountsFromTheNextRequest() {
        registry.list("orders");
        token.set(NEXT);
        registry.list("orders");
        List<String> used = consul.tokens();
        record(
                "S13",
                "the token changes",
                "the new one is used ≤ 1 request later, without a restart",
                used.equals(List.of(TOKEN, NEXT)) ? "used by the next request" : "not used",
                used.equals(List.of(TOKEN, NEXT)));
        assertThat(used).containsExactly(TOKEN, NEXT);
    }

    @Test
    void aTokenInTheClearIsSentAndWarnedOfOnce() {
        try (CapturedLog log = new CapturedLog();
                Registry far = ConsulRegistry.builder()
                        .address("registry.invalid:8500")
                        .token(token::get)
                        .build()) {
            for (int i = 0; i < 3; i++) {
                assertThat(catchThrowable(() -> far.list("orders"))).isNotNull();
            }
            registry.list("orders");
            long warnings = log.lines().stream()
                    .filter(line -> line.contains("WARN") && line.contains("without TLS"))
                    .count();
            boolean sent = consul.tokens().equals(List.of(TOKEN));
            boolean hidden = log.lines().stream().noneMatch(TokenIT::isTelling);
            record(
                    "S11",
                    "a token without TLS, to an agent elsewhere (three requests) and on the loopback",
                    "sent; one warning for the one elsewhere",
                    (sent ? "sent" : "not sent") + "; " + warnings + " warning",
                    sent && warnings == 1 && hidden);
            assertThat(warnings).isEqualTo(1);
            assertThat(sent && hidden).isTrue();
        }
    }

    @Test
    void whatAPageShowsHasNoSecrets() {
        consul.answer(10, FakeConsul.status(403, "token " + TOKEN + " lacks permission"));
        Throwable userInfo = catchThrowable(() -> Registry.connect("consul://joe:" + TOKEN + "@localhost:8500"));
        try (Fairlead fairlead = Fairlead.create(registry)) {
            Throwable none = catchThrowable(() -> fairlead.awaitReady(Duration.ofMillis(500), "orders"));
            List<String> shown = List.of(
                    String.valueOf(fairlead.status("orders")),
                    String.valueOf(none),
                    String.valueOf(userInfo),
                    registry.description(),
                    registry.toString(),
                    fairlead.toString());
            List<String> telling = shown.stream().filter(TokenIT::isTelling).toList();
            record(
                    "S23",
                    "status, errors and descriptions for a health page; a server that repeats the token; user info in a URI",
                    "0 with a secret",
                    telling.size() + " of " + shown.size() + " texts with one",
                    telling.isEmpty());
            assertThat(telling).isEmpty();
        }
    }

    private static boolean isTelling(String text) {
        return text.contains(TOKEN) || text.contains(NEXT);
    }
}
