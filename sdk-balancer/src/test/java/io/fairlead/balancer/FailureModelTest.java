// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.InstanceHealth;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service's caller sees while instances fail and heal, one client, without retries. */
class FailureModelTest {
    private static final String[] FOUR = {"a", "b", "c", "d"};
    private static final String[] TEN = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "round_robin", "random", "least_request"})
    void anInstanceThatFailsAtOnceKeepsNothingButProbes(String policy) {
        Cluster cluster = new Cluster(7, options -> options.policy(policy)).lists(FOUR);
        cluster.run(Duration.ofSeconds(5), 200);
        cluster.behaves("b", 1, 1).run(Duration.ofSeconds(30), 200);
        // half of the picks draw it, and one in two hundred of those looks, until it is ejected
        assertThat(cluster.share("b", Duration.ofSeconds(20))).isLessThan(0.0025);
        assertThat(cluster.calls.stream().filter(call -> !call.ok()).count()).isLessThanOrEqualTo(10);
        assertThat(cluster.changesOf("a", "c", "d")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "round_robin", "random", "least_request"})
    void anInstanceThatFailsAtTimesKeepsLessThanHalfItsShare(String policy) {
        Cluster cluster = new Cluster(8, options -> options.policy(policy)).lists(TEN);
        cluster.run(Duration.ofSeconds(5), 200);
        cluster.behaves("b", 0.3, 10).run(Duration.ofSeconds(60), 200);
        assertThat(cluster.share("b", Duration.ofSeconds(30))).isLessThan(0.10 * 0.5);
        assertThat(cluster.changesOf("a", "c", "d", "e", "f", "g", "h", "i", "j"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"round_robin", "random", "least_request"})
    void whatThePolicyDoesNotAvoidByItselfIsEjected(String policy) {
        Cluster cluster = new Cluster(8, options -> options.policy(policy)).lists(TEN);
        cluster.behaves("b", 0.3, 10).run(Duration.ofSeconds(11), 200);
        assertThat(cluster.changesOf("b")).containsExactly("b ACTIVE EJECTED");
        assertThat(cluster.health("b").reason()).isEqualTo("peers");
        Cluster without = new Cluster(
                        8,
                        options -> options.policy(policy)
                                .health(HealthPolicy.defaults().withPeers(HealthPolicy.PeerRule.off())))
                .lists(TEN);
        without.behaves("b", 0.3, 10).run(Duration.ofSeconds(11), 200);
        assertThat(without.changesOf("b")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "round_robin", "random", "least_request"})
    void whenAllFailThereIsAlwaysAnInstanceAndAllIsWellSoonAfterTheyHeal(String policy) {
        Cluster cluster = new Cluster(9, options -> options.policy(policy)).lists(FOUR);
        cluster.run(Duration.ofSeconds(5), 100);
        for (String id : FOUR) {
            cluster.behaves(id, 1, 1);
        }
        cluster.run(Duration.ofSeconds(60), 100);
        cluster.heal().run(Duration.ofSeconds(5), 100);
        cluster.run(Duration.ofSeconds(10), 100);
        assertThat(cluster.withoutInstance).isZero();
        assertThat(cluster.success(Duration.ofSeconds(10))).isGreaterThanOrEqualTo(0.99);
        assertThat(cluster.fairlead.status("orders").panic()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "weighted_round_robin", "random", "least_request"})
    void aHealedInstanceHasHalfItsShareWithinFifteenSeconds(String policy) {
        Cluster cluster = new Cluster(10, options -> options.policy(policy)).lists(TEN);
        cluster.run(Duration.ofSeconds(5), 200);
        cluster.behaves("b", 1, 1).run(Duration.ofSeconds(4), 200);
        cluster.heal().run(Duration.ofSeconds(15), 200);
        assertThat(cluster.health("b").state().isServing()).isTrue();
        assertThat(cluster.share("b", Duration.ofSeconds(2))).isGreaterThanOrEqualTo(0.05);
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "weighted_round_robin", "random", "least_request"})
    void twelveClientsDoNotFallUponARevivedInstance(String policy) {
        int inFirstSecond = 0;
        int inLastSecond = 0;
        for (int client = 0; client < 12; client++) {
            Cluster cluster = new Cluster(100 + client, options -> options.policy(policy)).lists(FOUR);
            cluster.run(Duration.ofSeconds(2), 200);
            cluster.behaves("b", 1, 1);
            runUntil(cluster, InstanceHealth.State.EJECTED);
            cluster.heal();
            runUntil(cluster, InstanceHealth.State.WARMING);
            cluster.run(Duration.ofSeconds(1), 200);
            inFirstSecond += (int) Math.round(200 * cluster.share("b", Duration.ofSeconds(1)));
            cluster.run(Duration.ofSeconds(14), 200);
            inLastSecond += (int) Math.round(200 * cluster.share("b", Duration.ofSeconds(1)));
        }
        // A full share of 12 clients with 200 calls a second among four would be 600.
        assertThat(inFirstSecond).isLessThan(600 / 5);
        assertThat(inLastSecond).isGreaterThan(600 / 2);
    }

    private static void runUntil(Cluster cluster, InstanceHealth.State state) {
        for (int i = 0; i < 1_500 && cluster.health("b").state() != state; i++) {
            cluster.run(Duration.ofMillis(20), 200);
        }
        assertThat(cluster.health("b").state()).isEqualTo(state);
    }
}
