// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.Timer;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

/** Where the product hands work to another thread or a later time, and where it takes a user's code; from its class files. */
final class Places {
    private static final Set<String> OUR_LOOPS =
            Set.of("RepeatedTask", "SerialTasks", "LimitedTasks", "WatchLoop", "FewThreads");
    private static final Set<String> EXECUTES = Set.of("execute", "submit", "invokeAll", "invokeAny");
    private static final Set<String> STARTS =
            Set.of("<init>", "start", "startVirtualThread", "ofVirtual", "ofPlatform");

    private final TreeMap<String, Integer> threads = new TreeMap<>();
    private final TreeSet<String> callbacks = new TreeSet<>();

    private final Set<String> hidden;

    private Places(Set<String> hidden) {
        this.hidden = hidden;
    }

    /** What all modules have that are published, the testkit aside. */
    static Places ofProduct() throws Exception {
        Places places = new Places(Exports.ofProduct().hidden());
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            for (Path module : modules.sorted().toList()) {
                Path classes = module.resolve("target/classes");
                String name = module.getFileName().toString();
                if (name.startsWith("sdk-") && !name.equals("sdk-testkit") && Files.isDirectory(classes)) {
                    new ClassFileImporter().importPath(classes).forEach(places::look);
                }
            }
        }
        return places;
    }

    /** {@code class.method target}, with {@code xN} when it stands there more than once. */
    Set<String> threads() {
        Set<String> all = new TreeSet<>();
        threads.forEach((place, times) -> all.add(times == 1 ? place : place + " x" + times));
        return all;
    }

    /** Interfaces a user may implement, and methods that take one of the JDK's. */
    Set<String> callbacks() {
        return callbacks;
    }

    private void look(JavaClass type) {
        for (JavaAccess<?> access : type.getAccessesFromSelf()) {
            if (access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget target && hands(target)) {
                String place = shortName(type) + "." + access.getOrigin().getName() + " "
                        + target.getOwner().getSimpleName() + "." + target.getName();
                threads.merge(place, 1, Integer::sum);
            }
        }
        if (!isPublic(type) || hidden.contains(type.getPackageName())) {
            return;
        }
        if (type.isInterface() && !type.isAnnotation()) {
            callbacks.add(shortName(type));
        }
        for (JavaMethod method : type.getMethods()) {
            boolean isOurs = method.getModifiers().contains(JavaModifier.SYNTHETIC);
            if (!isOurs && method.getModifiers().contains(JavaModifier.PUBLIC)) {
                method.getRawParameterTypes().stream()
                        .filter(Places::isCode)
                        .forEach(code ->
                                callbacks.add(shortName(type) + "." + method.getName() + " " + code.getSimpleName()));
            }
        }
    }

    private static boolean hands(AccessTarget.CodeUnitAccessTarget target) {
        JavaClass owner = target.getOwner();
        String name = target.getName();
        boolean isMade = name.equals("<init>");
        if (OUR_LOOPS.contains(owner.getSimpleName()) && owner.getPackageName().startsWith("io.fairlead")) {
            return isMade || name.equals("start");
        }
        return owner.isAssignableTo(ScheduledExecutorService.class) && name.startsWith("schedule")
                || owner.isAssignableTo(Executor.class) && EXECUTES.contains(name)
                || owner.isEquivalentTo(Thread.class) && STARTS.contains(name)
                || owner.isAssignableTo(Timer.class) && isMade
                || owner.isAssignableTo(CompletableFuture.class) && (name.endsWith("Async") || name.endsWith("imeout"));
    }

    private static boolean isCode(JavaClass type) {
        return type.getPackageName().equals("java.util.function")
                || type.isEquivalentTo(Runnable.class)
                || type.isEquivalentTo(Callable.class)
                || type.isEquivalentTo(Executor.class);
    }

    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(Places::isPublic).orElse(true);
    }

    private static String shortName(JavaClass type) {
        return type.getName().replace("io.fairlead.", "").replaceAll("\\$\\d+$", "");
    }
}
