// SPDX-License-Identifier: Apache-2.0
/**
 * What a circuit breaker must do, as cases for ours and others, and where each rule is tested: the legend of the codes that
 * {@code KnownAnswers} uses. {@code RuleTableTest} fails when a rule, a case or a named test is missing.
 *
 * <p>BreakerRules: S1 results are tagged with the stay that admitted them, S2 permits are conserved, S3 one way into half-open, S4
 * every exit releases, S5 half-open can not wedge, S6 an inner rejection gives the outer tokens back, S7 a local rejection
 * is no outcome, S8 monotonic time only, S9 transitions are compare-and-set, S10 operators outrank automation, S11 integer
 * thresholds, S12 slow calls, S13 calls that hang, S14 cancelled is ignored, S15 how long it stays open, S16 no timer, S17 a
 * fresh window, S18 cheap rejections, S19 listeners are isolated, S20 reads change nothing, S21 cap and panic, S22 a
 * service's guard only measures, S23 instances that come and go, S24 another configuration begins anew.
 *
 * <pre>
 * S1                      TransitionTest#aResultOfAnEarlierStateDecidesNothing
 * S2                      RaceTest#neverMoreProbesAreUnderWayThanMayBe
 * S3                      TransitionTest#racingThreadsMakeEachTransitionOnce
 * S4                      CallTest#aClassifierThatThrowsLearnsNothingAndHidesNothing
 * S5                      TransitionTest#aLostProbeForfeitsItsPermit
 * S6                      okhttp.StageOrderTest#aFullServiceGivesTokenThrottleAndGuardBackAndTheFallbackAnswers
 * S7                      ConcurrencyLimitTest#anInstanceAtItsLimitIsPassedOverAndWhenAllAreTheCallIsRejectedAndNobodyBlamed
 * S8                      BreakerRulesTest#aClockThatJumpsForwardEmptiesTheWindowAndGoesOnCounting
 * S9                      RaceTest#everyTransitionIsToldOnceAndTheyFormOneChain
 * S10                     RaceTest#anOperatorsLatchIsNeverOverwritten
 * S11                     WindowTest#fortyNineAndAHalfPercentDoNotTripFifty
 * S12                     WindowTest#slowMeansLongerThanTheLimitAndCountsBesideFailure
 * S13                     CallTest#callsThatHangOpenItWhenTheyAreCounted
 * S14                     CallTest#aCancelledFutureCancelsItsStageAndIsIgnored
 * S15                     TransitionTest#theWaitDoublesWithEachOpeningInARowAndIsForgottenAfterCalm
 * S16                     BreakerRulesTest#openItSaysOpenUntilACallAsksAndStartsNoTimer
 * S17                     BreakerRulesTest#whatHalfOpenCountedIsNotInTheClosedWindowThatFollows
 * S18                     BreakerRulesTest#rejectionsHaveNoStackTraceAndTakeNothing
 * S19                     BreakerRulesTest#aListenerThatAsksAgainSeesTheNewState
 * S20                     WindowCases#readingChangesNothing
 * S21                     EjectionTest#atMostThirtyPercentAreTakenOutAndNeverTheLast
 * S22                     balancer.StagesTest#aServiceGuardOnlyMeasuresUnlessAsked
 * S23                     HealthTest#anEjectedInstanceThatLeavesAndComesBackIsStillOutWithinTheCap
 * S24                     CallTest#anotherConfigurationBeginsAnewAndLeavesLatches
 * </pre>
 *
 * Behaviour (T) and what went wrong in other breakers (R):
 *
 * <pre>
 * T01                     WindowCases#holdsTheLastCalls
 * T02                     WindowCases#aSuccessTrips
 * T03                     WindowCases#theThresholdItselfTrips
 * T04                     WindowCases#slowCallsTrip
 * T05                     WindowCases#slowIsLonger
 * T06                     WindowCases#oldBucketsLeave
 * T07                     WindowCases#readingChangesNothing
 * T08                     WindowCases#fourBuckets
 * T09                     WindowCases#ratesOfTheWindow
 * T10                     WindowCases#opensOnTheVeryFailure
 * T11                     WindowCases#comparator
 * T14a                    WindowCases#exactInTime
 * T14b                    WindowCases#exactInCalls
 * R15                     WindowCases#expiryTrips
 * T17                     OpenCases#waits
 * T18                     OpenCases#remaining
 * T19=R13                 OpenCases#atTheEnd
 * T20                     OpenCases#grows
 * T22                     OpenCases#openedForATime
 * T23                     OpenCases#waitsAnew
 * T25                     HalfOpenCases#asManyAsMay
 * T26                     HalfOpenCases#resultsDecide
 * T27                     HalfOpenCases#slowProbes
 * T28                     HalfOpenCases#ignoredProbes
 * T29                     HalfOpenCases#decidesEarly
 * T30                     HalfOpenCases#underWay
 * T31=R12                 HalfOpenCases#allDecide
 * T39                     StateCases#forcedOpen
 * T40                     StateCases#disabled
 * T41                     StateCases#metricsOnly
 * T42                     StateCases#reset
 * T44a                    CallCases#recorded
 * T44b                    CallCases#unwrapped
 * T44c                    CallCases#badResult
 * T44d                    CallCases#halfOpen
 * T45a                    CallCases#readTwice
 * T45b                    CallCases#cancelled
 * T45c                    CallCases#failsOnce
 * R3                      CallCases#error
 * R1                      RaceCases#lateSuccess
 * R1b                     RaceCases#lateFailure
 * R2                      RaceCases#lateIgnoredMakeNoProbes
 * R2b                     RaceCases#lateSuccessesMakeNoProbes
 * R5                      RaceCases#noOldTimer
 * R6                      RaceCases#stepBack
 * R8                      RaceCases#operatorWins
 * R4                      CallTest#aClassifierThatThrowsLearnsNothingAndHidesNothing
 * R5-timer                RaceTest#aWaitIsNeverShortenedByTheEndOfTheWaitBeforeIt
 * R6b                     WindowTest#aClockThatStepsBackDisablesNothing
 * R7                      BreakerRulesTest#aClockThatJumpsForwardEmptiesTheWindowAndGoesOnCounting
 * R10                     CallTest#aCancelledFutureCancelsItsStageAndIsIgnored
 * R11                     TransitionTest#aLostProbeForfeitsItsPermit
 * R14                     BreakerRulesTest#openItSaysOpenUntilACallAsksAndStartsNoTimer
 * T46                     PeerRuleTest#gRpcsCasesComeOutAsUnderItsRuleButForTheCap
 * T47-tokens              StageCountsTest#retryTokensFollowTheTableOfGrpc
 * T47-budget              RetryBudgetTest#aFifthOfTheCallsMayBeRetriedWhateverFailsAndTheReserveIsNotAddedToIt
 * </pre>
 *
 * What may be sent again, over the wire:
 *
 * <pre>
 * never-sent              okhttp.FaultTest#aPostGoesElsewhereOnlyWhenItWasNeverSent
 * unprocessed             okhttp.Http2FaultTest#whatWasProvablyNotProcessedGoesElsewhereAlsoAPostAndIsNobodysFailure
 * unprocessed-jdk         http.Http2FaultTest#aRefusedStreamGoesElsewhereAlsoForAPostAndIsNobodysFailure
 * dead-pooled-connection  StaleConnectionTest#aGetNeedsOneMoreAttemptHoweverManyPooledConnectionsAreDead
 * reset-or-timeout        okhttp.Http2FaultTest#whatMayHaveBeenProcessedGoesElsewhereOnlyIfIdempotent
 * reset-or-timeout-jdk    http.Http2FaultTest#whatMayHaveBeenProcessedGoesElsewhereOnlyIfIdempotent
 * broken-body             HttpFaultTest#anAnswerThatDiesAfterItsHeadersIsTheCallersErrorAndIsNotSentAgain
 * 429-and-503             HttpFaultTest#retryAfterInBothItsFormsIsHonouredForAGetAndNotForAPost
 * every-status            ResendTableTest#isSentAgainOnlyWhereTheTableSaysSo
 * cancelled-or-deadline   okhttp.Http2FaultTest#theCallTimeoutBlamesAnInstanceThatHangsButNoCancellation
 * one-shot-or-duplex      UnrepeatableBodyTest#isNeverSentTwiceAlsoIfTheCallIsIdempotent
 * inbound-retry           ResendTableTest#nothingIsSentAgainOnBehalfOfAnAttemptThatIsARetryItself
 * </pre>
 */
package io.fairlead.circuitbreaker.cases;
