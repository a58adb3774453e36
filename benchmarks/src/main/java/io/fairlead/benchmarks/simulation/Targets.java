// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import java.util.List;

/**
 * Every target that concerns policies, retries and ejection, by its number, with the tests that prove it: the legend of the
 * numbers in rows, in the report's tables and in decisions. A number that is missing stands for nothing here. Stateless.
 */
final class Targets {
    private static final String BALANCER = "sdk-balancer ";
    private static final String SEQUENCES = BALANCER + "SequencesTest.";
    private static final String HASHING = BALANCER + "HashingTest.";
    private static final String MAGLEV = BALANCER + "MaglevTableTest.";
    private static final String COUNTS = BALANCER + "StageCountsTest.";
    private static final String THROTTLE = BALANCER + "ThrottleTest.";
    private static final String PORTIONS = BALANCER + "PortionTest.";
    private static final String RAMP = BALANCER + "SlowStartTest.";
    private static final String MEMORY = BALANCER + "LatencyMemoryTest.";
    private static final String PEERS = BALANCER + "PeerRuleTest.";
    private static final String BREAKER = "sdk-circuitbreaker ";
    private static final String SIMULATOR = "benchmarks ";

    private Targets() {}

    static List<Target> all() {
        return List.of(
                Target.of(
                        1,
                        "nginx's smooth weighted round robin: sequences, credits, shares",
                        SEQUENCES + "nginxsCreditsAreThoseOfItsCommitMessage",
                        SEQUENCES + "smoothSequencesAreNginxs",
                        SEQUENCES + "smallWholeWeightsGetExactSharesInASmoothSequence"),
                Target.of(
                        2,
                        "gRPC's static stride, its comment",
                        SEQUENCES + "stridesWithoutOffsetsAreThoseOfGrpcsComment"),
                Target.of(
                        3,
                        "gRPC's static stride, its test, also when it wraps",
                        SEQUENCES + "stridesWithOffsetsAreThoseOfGrpcsTestAlsoWhenTheSequenceWraps"),
                Target.of(6, "Armeria's grouped weighted round robin")
                        .noting(
                                "not offered: heavy instances get their calls in a row; the smooth sequence replaces it"),
                Target.of(7, "Maglev's Table 1")
                        .noting(
                                "not offered: the paper's way to fill a table moves up to eight times what must move; a stable"
                                        + " matching replaces it"),
                Target.of(
                        9,
                        "Maglev's balance and disruption",
                        MAGLEV + "whoLeavesComesOrChangesWeightMovesAtMostAsManyKeysAgainAsItMust",
                        MAGLEV + "sharesOfEqualsAreWithinTheirBounds"),
                Target.of(
                        10,
                        "a ring moves the keys of who left and no others",
                        HASHING + "aRingMovesOnlyTheKeysOfWhoLeft"),
                Target.of(
                        11,
                        "bounded load",
                        HASHING + "theBoundIsNeverExceededWhateverTheKeys",
                        HASHING + "aSkewOfZipfIsCutToTheBound"),
                Target.of(
                        13,
                        "supermarket model, M/M/1, processor sharing",
                        SIMULATOR + "TheoryTest.theSimulatorAgreesWithQueueingTheoryAndRepeatsItself"),
                Target.of(
                        14,
                        "two choices: no scorer sends an instance more than 2/N",
                        BALANCER + "TwoChoicesTest.noScorerSendsAnInstanceMoreThanTwoNths"),
                Target.of(
                        16,
                        "Buoyant, \"Beyond round robin\"",
                        SIMULATOR + "AdaptiveBandsTest.theDefaultPolicyMeetsItsBands"),
                dialogue(17, "Dialogue's black_hole"),
                dialogue(19, "Dialogue's fast_400s_then_revert"),
                dialogue(21, "Dialogue's one_big_spike, fast_503s_then_revert, slowdown_and_error_thresholds"),
                Target.of(
                        22,
                        "adaptive throttling",
                        THROTTLE + "theProbabilityIsTheFormulasOnceEveryCallIsAnswered",
                        THROTTLE + "withAKOfOneAndAHalfTheProbabilityIsThatOf3gppsExample",
                        THROTTLE + "aServiceOfferedTenTimesWhatItTakesIsSentKTimesWhatItTakes",
                        THROTTLE + "aServiceThatTakesHalfIsNotThrottled"),
                Target.of(
                        23,
                        "what retries add",
                        SIMULATOR + "RetryingTest.retriesAddAndTheThrottleTakesAwayWhatThePublishedTablesSay",
                        BALANCER + "AsyncCallTest."
                                + "aServiceThatOnlyAnswers503GetsAtMostAQuarterMoreThanIsOfferedOverHalfAMinute"),
                Target.of(
                        24,
                        "gRPC's retry throttle",
                        COUNTS + "theFifthFailureInARowStopsGrpcsRetriesAndOneSuccessBringsThemBack",
                        COUNTS + "retryTokensFollowTheTableOfGrpc"),
                Target.of(
                        25,
                        "the AWS SDKs' retry quota",
                        COUNTS + "awsQuotaIsWorthAHundredRetriesAndThenNoneWhenEverythingFails"),
                Target.of(
                        26,
                        "Envoy's priority levels",
                        BALANCER + "TierLoadsTest.theFirstTierKeepsAllUntilItsHealthFallsBelow71Percent",
                        BALANCER + "TierLoadsTest.tiersThatAreAllWeakShareByHealth"),
                Target.of(28, "Envoy's slow start", RAMP + "theCurveIsEnvoys"),
                Target.of(29, "Dubbo's warm-up", RAMP + "withAFloorOfAHundredthOverTenMinutesItIsDubbosWarmUp"),
                Target.of(30, "Armeria's ramp", RAMP + "overTwentySecondsItPassesTheTenStepsOfArmeriasRamp"),
                Target.of(
                        31,
                        "what a rule of standard deviations can see",
                        PEERS + "theTheoremsTableHolds",
                        PEERS + "whatIsFoundDependsOnHowManyFailAndNotOnHowMuch"),
                Target.of(
                                32,
                                "how long an ejection lasts, and when it is forgotten",
                                BREAKER + "TransitionTest.theWaitDoublesWithEachOpeningInARowAndIsForgottenAfterCalm",
                                PEERS + "gRpcsCasesComeOutAsUnderItsRuleButForTheCap")
                        .noting(
                                "by decision 5 s doubling to 60 s, with a probe, instead of gRPC's 30 s × n to 300 s without"),
                Target.of(
                                33,
                                "how often redraws miss the usable: u to the power of twice the pairs",
                                BALANCER + "TwoChoicesTest.threePairsMissTheUsableAsOftenAsTheorySays")
                        .noting("three pairs, then all are looked at"),
                Target.of(35, "deterministic subsets", PORTIONS + "roundsDealEveryInstanceOutEquallyOften"),
                Target.of(
                        36,
                        "deterministic aperture",
                        PORTIONS + "everyArcTogetherOffersEveryInstanceTheSameLoad",
                        PORTIONS + "aHundredClientsOfThirtyInstancesCoverTwoFifthsEach"),
                Target.of(37, "rendezvous subsets", PORTIONS + "aChangeOfOneInstanceChangesAtMostOneMember"),
                Target.of(
                        38,
                        "moving averages: half-life, a step, idle decay, peaks",
                        BALANCER + "MovingAverageTest.itHalvesInTauTimesTheLogarithmOfTwo",
                        BALANCER + "MovingAverageTest.aStepMovesItByTheShareOfItsLifeThatPassedAndAtLeastByTheLeast",
                        MEMORY + "withoutSamplesItDriftsToThePeersMedian",
                        MEMORY + "aPeakIsTakenAtOnceAndFallsFromTwoSecondsTo167MillisIn25Seconds"),
                Target.of(39, "Prequal's reuse of probes")
                        .noting("not offered: `prequal` reads loads that responses carry and has no pool of probes"),
                bands(40, "a server that fails at once"),
                bands(41, "a server that pauses"),
                bands(42, "a server of half the speed"),
                bands(43, "a cold server joins"),
                Target.of(44, "nanoseconds and bytes of a pick")
                        .noting("measured: `PickBenchmark` in [docs/benchmarks.md](../../docs/benchmarks.md)"));
    }

    private static Target dialogue(int number, String what) {
        return Target.of(
                number,
                what,
                SIMULATOR + "DialogueTest.aClientBuiltFromTheDescriptionComesToThePublishedFigures",
                SIMULATOR + "DialogueTest.theDefaultPolicyWithBreakersAndRetriesReachesThePublishedGoals");
    }

    private static Target bands(int number, String what) {
        return Target.of(
                number,
                what,
                SIMULATOR + "AdaptiveBandsTest.theDefaultPolicyMeetsItsBands",
                SIMULATOR + "AdaptiveBandsTest.withoutInFlightInItsCostAtLeastThreeBandsAreMissed");
    }
}
