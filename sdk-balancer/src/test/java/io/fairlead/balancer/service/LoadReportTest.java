// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.balancer.OnlyOne;
import io.fairlead.spi.Candidate;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadReportTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TEXT named_metrics.rif=3,cpu_utilization=0.4| 3| 0.4",
                "TEXT cpu_utilization=0.4, application_utilization=0.75| -1| 0.75",
                "text named_metrics.rif=12.0| 12| -1",
                "TEXT mem_utilization=0.1,rps_fractional=10.0,named_metrics.rif=0| 0| -1",
                "TEXT application_utilization=1.5,named_metrics.rif=7| 7| 1.5",
                "TEXT named_metrics.rif=-1,cpu_utilization=-0.1| -1| -1",
                "TEXT named_metrics.rif=1e9,cpu_utilization=NaN| -1| -1",
                "TEXT named_metrics.rif=1000001,cpu_utilization=1001| -1| -1",
                "TEXT named_metrics.rif=99999999999999999999999| -1| -1",
                "TEXT named_metrics.rif=,cpu_utilization=.| -1| -1",
                "TEXT named_metrics.rif=1.2.3| -1| -1",
                "TEXT| -1| -1",
                "TEXT ,,=,=4| -1| -1",
                "JSON {\"cpu_utilization\": 0.3}| -1| -1",
                "''| -1| -1",
            })
    void whatCanBeReadIsReadAndTheRestWasNotSaid(String header, int inFlight, double utilization) {
        long word = LoadReport.parse(header);
        assertThat(LoadReport.inFlight(word)).isEqualTo(inFlight);
        assertThat(LoadReport.utilization(word)).isEqualTo(utilization);
    }

    @Test
    void whateverAnInstanceSendsIsBounded() {
        String letters = "TEXT named_metrics.rif=0123456789.,-+e cpu_utilization";
        for (long seed = 1; seed <= 20_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "TEXT named_metrics.rif=" : "TEXT ");
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            long word = LoadReport.parse(text.toString());
            assertThat(LoadReport.inFlight(word))
                    .as("seed " + seed + ": " + text)
                    .isBetween(-1, 1_000_000);
            assertThat(LoadReport.utilization(word))
                    .as("seed " + seed + ": " + text)
                    .isBetween(-1.0, 1_000.0);
        }
        assertThat(LoadReport.parse("TEXT named_metrics.rif=1" + " ".repeat(3_000)))
                .isEqualTo(LoadReport.NOTHING);
    }

    @Test
    void aReportReachesThePolicyMovesWithOwnAttemptsAndAges() {
        VirtualTime time = new VirtualTime();
        FakeRegistry registry = new FakeRegistry(time.environment());
        registry.lists("a");
        AtomicReference<Candidate> only = new AtomicReference<>();
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .forService("orders", o -> o.withPolicy(new OnlyOne(only)))
                .build()) {
            fairlead.awaitReady(Duration.ofSeconds(1), "orders");
            Attempt attempt = fairlead.acquire("orders", PickContext.none());
            Candidate candidate = only.get();
            assertThat(candidate.reportedInFlight(time.nanos())).isEqualTo(-1);
            attempt.reportLoad(null);
            attempt.reportLoad("nonsense");
            assertThat(candidate.reportedInFlight(time.nanos())).isEqualTo(-1);
            attempt.reportLoad("TEXT named_metrics.rif=8,cpu_utilization=0.5");
            assertThat(candidate.reportedInFlight(time.nanos())).isEqualTo(8);
            assertThat(candidate.reportedUtilization(time.nanos())).isEqualTo(0.5);
            Attempt second = fairlead.acquire("orders", PickContext.none());
            assertThat(candidate.reportedInFlight(time.nanos())).isEqualTo(9);
            second.close();
            attempt.complete(Outcome.SUCCESS);
            attempt.close();
            assertThat(candidate.reportedInFlight(time.nanos())).isEqualTo(7);
            time.advance(Duration.ofMillis(1_001));
            assertThat(candidate.reportedInFlight(time.nanos())).isEqualTo(-1);
            assertThat(candidate.reportedUtilization(time.nanos())).isEqualTo(-1);
        }
    }
}
