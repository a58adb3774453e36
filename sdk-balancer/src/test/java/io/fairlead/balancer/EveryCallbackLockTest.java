// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.service.ConsecutiveFailureGuard;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.Picker;
import io.fairlead.spi.RequestFacts;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * As {@link CallbackLockTest}, for every method of every type of a user's that the public API takes: one thread hangs in it,
 * for a lock that another holds; status, explain, dry runs, the timer, other services and closing go on.
 */
@Tag("slow")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EveryCallbackLockTest {
    /** What a user may hand in, or return from it. A new one in the public API must be added here and to the scene. */
    private static final List<Class<?>> TYPES = List.of(
            AsyncTransport.class,
            BalancingPolicy.class,
            EventListener.class,
            Fallback.class,
            InstanceGuard.class,
            InstanceGuard.Factory.class,
            IntFunction.class,
            Picker.class,
            Predicate.class,
            RequestFacts.class,
            ServiceGuard.class,
            ServiceGuard.Factory.class,
            StickyKey.class,
            Transport.class);

    /** Types of ours that users are given, and hand back at most. */
    private static final Set<String> OURS = Set.of("Registry", "Candidate", "EjectionCap", "Attempt", "CallCopy");

    private static final Set<String> EXPORTED =
            Set.of("io.fairlead.balancer", "io.fairlead.balancer.policy", "io.fairlead.balancer.route");
    /** A change of options runs on the thread of whoever asks for it, and nobody waits. */
    private static final String CHANGE = UnaryOperator.class.getSimpleName();

    /** Events of registries, registrations and routes, and what needs more than a scene: the breaker's and the levels' own. */
    private static final Set<String> NOT_IN_THE_SCENE = Set.of(
            "EventListener.onRegistered",
            "EventListener.onDeregistered",
            "EventListener.onRegistrationLost",
            "EventListener.onRegistrationRepaired",
            "EventListener.onWatchRestored",
            "EventListener.onWeightLevelChanged",
            "EventListener.onServiceDegraded",
            "EventListener.onCallbackFailed",
            "EventListener.onServiceGuardChanged",
            "EventListener.onInstancesReleased",
            "EventListener.onWatchInterrupted",
            "Factory.adoption",
            "Factory.adoptsGuardsOf",
            "BalancingPolicy.isKeyed",
            "BalancingPolicy.latencyMemory",
            "BalancingPolicy.needsServiceInFlight",
            "BalancingPolicy.weightUse",
            "EventListener.onCallRejected",
            "EventListener.onHedge",
            "EventListener.onPanic",
            "EventListener.onRetryBudgetExhausted",
            "EventListener.onRoutesChanged",
            "EventListener.onRoutesKept",
            "RequestFacts.header",
            "RequestFacts.method",
            "RequestFacts.path",
            "RequestFacts.tag",
            "ServiceGuard.describe",
            "InstanceGuard.trip",
            "InstanceGuard.unreported",
            "InstanceGuard.unreportedNanos",
            "Transport.abort",
            "AsyncTransport.copy",
            "Transport.copy",
            "Transport.isConcurrent",
            "Transport.within",
            "Transport.isWaitingForUs",
            "AsyncTransport.isWaitingForUs",
            "StickyKey.orElse");

    /** A call's own end asks these, so that whoever hangs in them holds up that call. */
    private static final Set<String> OF_EACH_CALL = Set.of(
            "EventListener.onAttempt",
            "EventListener.onFailedAttempt",
            "EventListener.onCall",
            "InstanceGuard.release",
            "ServiceGuard.release");

    private final ReentrantLock users = new ReentrantLock();
    private final VirtualTime time = new VirtualTime();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private volatile String locking = "";
    private final Environment environment = new Environment(
            time, time, workers, new SplittableRandom(1), watched(EventListener.class, new EventListener() {}));
    private final FakeRegistry registry = new FakeRegistry(environment);
    private final BalancingPolicy watchedPolicy =
            watched(BalancingPolicy.class, new RingHashPolicy().keyedBy(watched(StickyKey.class, (StickyKey)
                            PickContext::hashKey)));
    private final Fairlead fairlead = Fairlead.builder(registry)
            .environment(environment)
            .guard(watched(
                    InstanceGuard.Factory.class,
                    (instance, cap, own) -> new ConsecutiveFailureGuard(instance, cap, own)))
            .serviceGuard(watched(ServiceGuard.Factory.class, new OpenGuards()))
            .services(watched(Predicate.class, host -> true))
            .forService("limited", o -> o.withRateLimit(RateLimit.of(1e-3, 1)))
            .hedging(Hedging.defaults())
            .forService("orders", o -> o.withPolicy(watchedPolicy))
            .build();

    static Stream<String> callbacks() {
        return TYPES.stream()
                .flatMap(type -> Arrays.stream(type.getMethods())
                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                        .filter(method -> !type.getPackageName().startsWith("java.")
                                || Modifier.isAbstract(method.getModifiers()))
                        .map(method -> type.getSimpleName() + "." + method.getName()))
                .distinct()
                .sorted()
                .filter(name -> !NOT_IN_THE_SCENE.contains(name));
    }

    @Test
    void everyTypeOfAUsersInThePublicApiIsListed() throws Exception {
        Set<String> taken = new TreeSet<>();
        for (Class<?> type : publicTypes()) {
            for (Executable executable : executables(type)) {
                for (Class<?> parameter : executable.getParameterTypes()) {
                    boolean isUsers = parameter.isInterface()
                            && !parameter.isSealed()
                            && (parameter.getName().startsWith("io.fairlead.")
                                    || parameter.getPackageName().equals("java.util.function"));
                    String name = parameter.getSimpleName();
                    if (isUsers && !OURS.contains(name) && !CHANGE.equals(name)) {
                        taken.add(parameter.getName());
                    }
                }
            }
        }
        assertThat(TYPES).extracting(Class::getName).containsAll(taken);
    }

    @ParameterizedTest
    @MethodSource("callbacks")
    void whoHangsInACallbackHoldsUpNobodyElse(String callback) throws Exception {
        registry.lists("a", "b", "c");
        fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        users.lock();
        try {
            locking = callback;
            AtomicInteger polls = new AtomicInteger();
            await("the scene comes to it").pollInterval(Duration.ofMillis(20)).until(() -> {
                // Its parts run at once, so that it may have to be played again.
                if (polls.getAndIncrement() % 25 == 0) {
                    scene().forEach(part -> workers.execute(() -> quietly(part)));
                }
                return users.hasQueuedThreads();
            });
            time.advance(Duration.ofSeconds(3));
            assertThat(fairlead.status("orders").instances()).isNotEmpty();
            assertThat(fairlead.explain("orders", PickContext.hashedBy("k")).instances())
                    .isNotEmpty();
            assertThat(fairlead.dryRun("orders", PickContext.hashedBy("k"), 10).shares())
                    .isNotEmpty();
            CompletableFuture<Void> call = fairlead.<Void>callAsync(
                            CallSpec.of("orders").within(Duration.ofMillis(50)), attempt -> new CompletableFuture<>())
                    .toCompletableFuture();
            if (!OF_EACH_CALL.contains(callback)) {
                // A worker may ask for the deadline after a single step of the time.
                await("deadlines pass").until(() -> {
                    time.advance(Duration.ofMillis(100));
                    return call.isCompletedExceptionally();
                });
            }
            fairlead.close();
            assertThat(users.hasQueuedThreads()).as("still held up").isTrue();
        } finally {
            locking = "";
            users.unlock();
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        fairlead.close();
        for (int i = 0; i < 100 && !workers.isTerminated(); i++) {
            workers.shutdown();
            time.advance(Duration.ofSeconds(5));
            boolean unused = workers.awaitTermination(20, TimeUnit.MILLISECONDS);
        }
        assertThat(workers.isTerminated()).isTrue();
    }

    /** Lists that change, calls that succeed, fail, are hedged, limited and replaced, and everything one may ask. */
    private List<Runnable> scene() {
        PickContext context = PickContext.of(watched(RequestFacts.class, new Facts()), "key");
        CallSpec spec = CallSpec.of("orders").with(context);
        List<Runnable> scene = new ArrayList<>();
        scene.add(() -> registry.lists(List.of(
                FakeRegistry.instance("a"),
                FakeRegistry.instance("b"),
                FakeRegistry.instance("d"),
                FakeRegistry.instance("e").toBuilder()
                        .address("169.254.169.254", 80)
                        .build())));
        scene.add(() -> fairlead.isService("orders.internal"));
        scene.add(() -> fairlead.explain("orders", context));
        scene.add(() -> fairlead.status("orders"));
        IntFunction<PickContext> contexts = watched(IntFunction.class, (IntFunction<PickContext>) call -> context);
        scene.add(() -> fairlead.dryRun("orders", contexts, 3));
        for (boolean fails : new boolean[] {true, true, true, true, true, true, false}) {
            scene.add(() -> call(spec, fails));
            scene.add(() -> call(spec.notIdempotent(), fails));
            scene.add(() -> callAsync(spec, fails));
        }
        AsyncTransport<String> slow = attempt -> new CompletableFuture<>();
        scene.add(() -> fairlead.callAsync(spec, watched(AsyncTransport.class, slow)));
        scene.add(() -> time.advance(Duration.ofMillis(1_500)));
        scene.add(() -> registry.lists(List.of(
                FakeRegistry.with("a", InstanceStatus.CRITICAL),
                FakeRegistry.with("b", InstanceStatus.CRITICAL),
                FakeRegistry.instance("c"))));
        scene.add(() -> {
            registry.empty("nobody");
            call(CallSpec.of("nobody"), false);
        });
        scene.add(() -> registry.lists("f", "g"));
        return scene;
    }

    private void call(CallSpec spec, boolean fails) {
        quietly(() -> {
            try {
                fairlead.call(
                        spec,
                        watched(Transport.class, new Answering(fails)),
                        watched(Fallback.class, failed -> "instead"));
            } catch (IOException failed) {
                assertThat(failed).isNotNull();
            }
        });
    }

    private void callAsync(CallSpec spec, boolean fails) {
        fairlead.callAsync(
                spec,
                watched(AsyncTransport.class, new AsyncAnswering(fails)),
                watched(Fallback.class, failed -> "instead"));
    }

    private static void quietly(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException expected) {
            assertThat(expected).isNotNull();
        }
    }

    private record Answering(boolean fails) implements Transport<String> {
        @Override
        public String send(Attempt attempt) throws IOException {
            if (fails && attempt.number() % 2 == 1) {
                throw new ConnectException("refused");
            }
            return "answer";
        }

        @Override
        public Verdict judge(String response) {
            return fails ? Verdict.ofStatus(503, Duration.ofSeconds(1)) : Verdict.SUCCESS;
        }

        @Override
        public void discard(String response) {}
    }

    private record AsyncAnswering(boolean fails) implements AsyncTransport<String> {
        @Override
        public CompletableFuture<String> send(Attempt attempt) {
            return fails && attempt.number() % 2 == 1
                    ? CompletableFuture.failedFuture(new ConnectException("refused"))
                    : CompletableFuture.completedFuture("answer");
        }

        @Override
        public Verdict judge(String response) {
            return fails ? Verdict.ofStatus(503, Duration.ofSeconds(1)) : Verdict.SUCCESS;
        }
    }

    private static final class OpenGuards implements ServiceGuard.Factory {
        @Override
        public ServiceGuard newGuard(String service, boolean rejects, Environment own) {
            return new ServiceGuard() {
                @Override
                public Object tryAcquire(long nowNanos) {
                    return this;
                }

                @Override
                public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

                @Override
                public InstanceGuard.Description describe(long nowNanos) {
                    return new InstanceGuard.Description(GuardState.CLOSED, "", 0);
                }
            };
        }
    }

    private static final class Facts implements RequestFacts {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String path() {
            return "/";
        }

        @Override
        public String header(String name) {
            return "value";
        }
    }

    /** Does as the other does, and takes the user's lock first where the test wants it; also what it returns. */
    @SuppressWarnings("unchecked")
    private <T> T watched(Class<? super T> type, T delegate) {
        return (T) Proxy.newProxyInstance(
                EveryCallbackLockTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return method.getName().equals("equals")
                                ? proxy == arguments[0]
                                : method.invoke(delegate, arguments);
                    }
                    if (locking.equals(type.getSimpleName() + "." + method.getName())) {
                        users.lock();
                        users.unlock();
                    }
                    Object returned = invoke(delegate, method, arguments);
                    Class<?> promised = method.getReturnType();
                    boolean isUsers = returned != null && promised.isInterface() && TYPES.contains(promised);
                    return isUsers ? watched((Class<Object>) promised, returned) : returned;
                });
    }

    private static Object invoke(Object delegate, Method method, Object[] arguments) throws Throwable {
        try {
            method.setAccessible(true);
            return method.invoke(delegate, unreported(arguments));
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }

    private static Object[] unreported(Object[] arguments) {
        return arguments;
    }

    private static List<Executable> executables(Class<?> type) {
        List<Executable> found = new ArrayList<>();
        for (Method method : type.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) {
                found.add(method);
            }
        }
        found.addAll(List.of(type.getConstructors()));
        return found;
    }

    private static List<Class<?>> publicTypes() throws Exception {
        URI where = Fairlead.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        Path root = Path.of(where);
        List<Class<?>> types = new ArrayList<>(List.of(PickContext.class));
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = root.relativize(file).toString().replace('/', '.').replace(".class", "");
                if (!name.equals("module-info")) {
                    Class<?> type = Class.forName(name, false, Fairlead.class.getClassLoader());
                    if (Modifier.isPublic(type.getModifiers()) && EXPORTED.contains(type.getPackageName())) {
                        types.add(type);
                    }
                }
            }
        }
        return types;
    }
}
