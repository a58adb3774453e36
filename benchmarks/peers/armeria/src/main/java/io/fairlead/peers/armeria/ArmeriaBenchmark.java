// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.armeria;

import com.linecorp.armeria.client.ClientRequestContext;
import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.endpoint.EndpointSelectionStrategy;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A pick, and a list that changes by one. None of Armeria's strategies wants to hear of a completion. */
@State(Scope.Benchmark)
public class ArmeriaBenchmark {
    /** Instances in the list. */
    @Param({"10", "100", "1000", "10000"})
    public int size;

    /** Armeria's name of the strategy. */
    @Param({"round_robin", "weighted_round_robin", "ramping_up"})
    public String policy = "";

    private final ClientRequestContext context = ClientRequestContext.of(HttpRequest.of(HttpMethod.GET, "/v1/42"));
    private final List<Endpoint> endpoints = new ArrayList<>();
    private ChangingGroup group;
    private int weight = 1;

    /** Fills the list. */
    @Setup
    public void fill() {
        for (int i = 0; i < size; i++) {
            endpoints.add(Endpoint.of("10.0." + i / 250 + "." + (1 + i % 250), 8080));
        }
        group = new ChangingGroup(strategy());
        group.become(endpoints);
        if (group.selectNow(context) == null) {
            throw new IllegalStateException("nothing to pick from");
        }
    }

    /** Stops ramping. */
    @TearDown
    public void close() {
        group.close();
    }

    private EndpointSelectionStrategy strategy() {
        return switch (policy) {
            case "round_robin" -> EndpointSelectionStrategy.roundRobin();
            case "weighted_round_robin" -> EndpointSelectionStrategy.weightedRoundRobin();
            case "ramping_up" -> EndpointSelectionStrategy.rampingUp();
            default -> throw new IllegalArgumentException("policy: " + policy);
        };
    }

    /** One pick. */
    @Benchmark
    public Endpoint pickAndComplete() {
        return group.selectNow(context);
    }

    /** One endpoint changes its weight, and the first pick afterwards. */
    @Benchmark
    public Endpoint changeOne() {
        weight = weight % 1_000 + 1;
        endpoints.set(size / 2, endpoints.get(size / 2).withWeight(weight));
        group.become(endpoints);
        return group.selectNow(context);
    }
}
