// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import io.fairlead.spi.RequestFacts;
import io.fairlead.testkit.SettableCandidate;
import io.fairlead.testkit.VirtualTime;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StickyKeyTest {
    private record Headers(Map<String, String> values) implements RequestFacts {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String path() {
            return "/v1";
        }

        @Override
        public @Nullable String header(String name) {
            return values.get(name.toLowerCase(Locale.ROOT));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "sid=1| 1",
                "a=b; sid=xyz; c=d| xyz",
                "xsid=1; sid=2| 2",
                "a=b;sid=3| 3",
                "sid=| -",
                "sid| -",
                "sidney=4| -",
                "a=sid=5| -",
                "''| -",
            })
    void aCookieIsFoundByItsWholeName(String header, @Nullable String expected) {
        assertThat(StickyKey.cookie("sid").of(request("cookie", header))).isEqualTo(expected);
    }

    @Test
    void aClientsAddressIsTheFirstForwardedElseTheRealElseTheCallers() {
        StickyKey clientIp = StickyKey.clientIp();
        assertThat(clientIp.of(request("x-forwarded-for", "10.1.2.3, 10.9.9.9")))
                .isEqualTo("10.1.2.3");
        assertThat(clientIp.of(request("x-forwarded-for", " 2001:db8::1 "))).isEqualTo("2001:db8::1");
        assertThat(clientIp.of(request("x-real-ip", "10.4.4.4"))).isEqualTo("10.4.4.4");
        assertThat(clientIp.of(PickContext.hashedBy("10.5.5.5"))).isEqualTo("10.5.5.5");
        assertThat(clientIp.of(PickContext.none())).isNull();
    }

    @Test
    void aMissingHeaderIsNoKeyAndAnotherKeyMayStandIn() {
        StickyKey user = StickyKey.header("X-User");
        assertThat(user.of(request("x-user", "ada"))).isEqualTo("ada");
        assertThat(user.of(request("x-user", ""))).isNull();
        assertThat(user.of(PickContext.none())).isNull();
        assertThat(user.orElse(StickyKey.hashKey()).of(PickContext.hashedBy("bob")))
                .isEqualTo("bob");
        assertThatThrownBy(() -> StickyKey.header(" ")).hasMessage("header: ' ' (expected: a name)");
    }

    @Test
    void anEntryOfTheBaggageIsAKey() {
        StickyKey user = StickyKey.baggage("userId");
        assertThat(user.of(request("baggage", "sessionId=1,userId=Am%C3%A9lie;ttl=3")))
                .isEqualTo("Amélie");
        assertThat(user.of(request("baggage", "userId="))).isNull();
        assertThat(user.of(PickContext.none())).isNull();
    }

    @Test
    void keysThatLookInTheSamePlaceAreEqual() {
        assertThat(StickyKey.cookie("sid")).isEqualTo(StickyKey.cookie("sid")).isNotEqualTo(StickyKey.header("sid"));
        assertThat(StickyKey.hashKey()).isEqualTo(StickyKey.hashKey());
        assertThat(StickyKey.clientIp())
                .isEqualTo(StickyKey.clientIp())
                .hasToString("first of header X-Forwarded-For, else header X-Real-IP, else hashKey");
    }

    @Test
    void callsStickByWhatTheirKeySays() {
        List<BalancingPolicy> policies = List.of(
                new RingHashPolicy().keyedBy(StickyKey.header("X-User")),
                new MaglevPolicy().keyedBy(StickyKey.header("X-User")));
        for (BalancingPolicy policy : policies) {
            Picker picker =
                    policy.newPicker(List.copyOf(SettableCandidate.equal(10)), null, new VirtualTime().environment());
            Set<Candidate> used = new HashSet<>();
            for (int user = 0; user < 100; user++) {
                Candidate first = picker.pick(request("x-user", "u" + user), 0);
                assertThat(picker.pick(request("x-user", "u" + user), 0)).isSameAs(first);
                used.add(first);
            }
            assertThat(used).as(policy.name()).hasSize(10);
        }
    }

    private static PickContext request(String header, String value) {
        return PickContext.of(new Headers(Map.of(header, value)), null);
    }
}
