// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.benchmarks.simulation.run.Simulation;
import io.fairlead.benchmarks.simulation.scenario.Arrivals;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jol.info.GraphLayout;

/**
 * How much memory one more client takes for each instance it knows, which is what 200 clients of 10,000 servers add up to: a
 * kibibyte; and 400 bytes more for a breaker that has counted.
 */
@Tag("slow")
class ClientFootprintTest {
    private static final int FEW = 50;
    private static final int MANY = 200;

    static {
        // The walk passes lambdas and records on its way to what is shared; without this JOL refuses to.
        System.setProperty("jol.magicFieldOffset", "true");
    }

    @ParameterizedTest
    @CsvSource({"false, true, 1024", "true, false, 1024", "true, true, 1424"})
    void aClientTakesAKibibyteForEachInstanceItKnows(boolean guarded, boolean called, int limit) {
        Contender policy = Contenders.named(Contenders.DEFAULT);
        Contender contender = guarded ? policy.withGuards() : policy;
        double seconds = called ? 1 : 0;
        long few = oneMoreClient(contender, FEW, seconds);
        long many = oneMoreClient(contender, MANY, seconds);

        assertThat((double) (many - few) / (MANY - FEW))
                .as("bytes for each instance, breakers: %b, called: %b", guarded, called)
                .isBetween(300.0, (double) limit);
    }

    private static long oneMoreClient(Contender contender, int instances, double seconds) {
        return bytes(contender, instances, 2, seconds) - bytes(contender, instances, 1, seconds);
    }

    private static long bytes(Contender contender, int instances, int clients, double seconds) {
        List<ServerSpec> servers = Collections.nCopies(instances, ServerSpec.unlimited(Demand.fixed(1)));
        Scenario scenario = new Scenario("memory", "", servers, clients, Arrivals.uniform(instances * 20), 1);
        Simulation simulation = new Simulation(scenario, contender, 1);
        simulation.begin();
        simulation.runUntil(seconds);
        return GraphLayout.parseInstance(simulation).totalSize();
    }
}
