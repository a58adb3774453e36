// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows of the architecture page, on the compiled classes. */
class ArchitectureTest {
    /** What a module may know beside the API; each other one knows nothing else. */
    private static final Map<String, Set<String>> KNOWS = Map.of(
            "admin", Set.of("balancer"),
            "micrometer", Set.of("balancer"),
            "okhttp", Set.of("balancer"),
            "http", Set.of("balancer"),
            "consul", Set.of("composite"),
            "routes", Set.of("balancer", "circuitbreaker"));

    /** The published modules as they lie in the tree, the testkit aside; the API is two packages, api and spi. */
    private static final Set<String> MODULES = modules();

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .importPaths(MODULES.stream()
                    .map(module -> Path.of("..", "sdk-" + module, "target", "classes"))
                    .toList());

    @Test
    void noCyclesBetweenModules() {
        slices().matching("io.fairlead.(*)..")
                .should()
                .beFreeOfCycles()
                // api and spi are two halves of one module
                .ignoreDependency(resideIn("io.fairlead.api.."), resideIn("io.fairlead.spi.."))
                .check(CLASSES);
    }

    @Test
    void theApiKnowsNobody() {
        ArchRuleDefinition.classes()
                .that()
                .resideInAnyPackage("io.fairlead.api..", "io.fairlead.spi..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.fairlead.api..", "io.fairlead.spi..", "java..", "javax.net.ssl..", "org.jspecify..")
                .check(CLASSES);
    }

    /** Above the rooms stand the balancer and its builder; below them, as their words, the options and what calls are. */
    @Test
    void theBalancersRoomsPointOneWay() {
        String balancer = "io.fairlead.balancer";
        Map<String, String[]> mayNotKnow = Map.of(
                "stage",
                        new String[] {
                            balancer + ".service..", balancer + ".call..", balancer + ".policy..", balancer + ".store.."
                        },
                "store",
                        new String[] {
                            balancer,
                            balancer + ".stage..",
                            balancer + ".service..",
                            balancer + ".call..",
                            balancer + ".policy.."
                        },
                "service", new String[] {balancer + ".call..", balancer + ".policy.."},
                "call", new String[] {balancer + ".policy..", balancer + ".store.."},
                "policy",
                        new String[] {
                            balancer,
                            balancer + ".stage..",
                            balancer + ".service..",
                            balancer + ".call..",
                            balancer + ".route..",
                            balancer + ".table.."
                        },
                "table", new String[] {balancer + ".stage..", balancer + ".service..", balancer + ".call.."},
                "route",
                        new String[] {
                            balancer + ".table..", balancer + ".stage..", balancer + ".service..", balancer + ".call.."
                        },
                "regex", new String[] {balancer, balancer + ".route..", balancer + ".table.."});
        mayNotKnow.forEach((room, others) -> ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(balancer + "." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(CLASSES));
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage(balancer + ".stage..", balancer + ".service..", balancer + ".call..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(balancer + ".Fairlead")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName(balancer + ".FairleadBuilder")
                .check(CLASSES);
    }

    @Test
    void theSimulatorsRoomsPointOneWay() {
        String simulation = "io.fairlead.benchmarks.simulation";
        JavaClasses classes = new ClassFileImporter().importPath(Path.of("..", "benchmarks", "target", "classes"));
        Map<String, String[]> mayNotKnow = Map.of(
                "world", new String[] {simulation, simulation + ".run..", simulation + ".scenario.."},
                "scenario", new String[] {simulation, simulation + ".run.."},
                "run", new String[] {simulation});
        mayNotKnow.forEach((room, others) -> ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(simulation + "." + room)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(classes));
    }

    @Test
    void theKitKnowsOnlyTheApi() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.fairlead.spi.kit..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.fairlead.spi")
                .check(CLASSES);
    }

    @Test
    void everyModuleKnowsOnlyTheApiAndWhatIsNamed() {
        assertThat(MODULES).contains("api", "balancer", "file", "composite", "okhttp");
        for (String module : MODULES) {
            String[] others = MODULES.stream()
                    .filter(other -> !other.equals(module) && !other.equals("api"))
                    .filter(other -> !KNOWS.getOrDefault(module, Set.of()).contains(other))
                    .map(other -> "io.fairlead." + other + "..")
                    .toArray(String[]::new);
            ArchRuleDefinition.noClasses()
                    .that()
                    .resideInAnyPackage(packages(module))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(CLASSES);
        }
    }

    @Test
    void noModuleHasClassesInThePackagesOfAnother() {
        for (String module : MODULES) {
            ArchRuleDefinition.classes()
                    .should()
                    .resideInAnyPackage(packages(module))
                    .check(new ClassFileImporter().importPath(Path.of("..", "sdk-" + module, "target", "classes")));
        }
    }

    @Test
    void onlyTheOkHttpModuleSeesOkHttpAndWhatBoundsTheConsulClientsAnswers() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackage("io.fairlead.okhttp..")
                .and()
                .haveNameNotMatching("io\\.fairlead\\.consul\\.BoundedAnswers.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("okhttp3..")
                .check(CLASSES);
    }

    @Test
    void leasesAreNotKeptAliveByTheClientsStreamAndVertxIsForDeadEventLoopsOnly() {
        ArchRuleDefinition.noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.fairlead.etcd.EtcdOptions")
                .should()
                .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("useVertx")))
                .check(CLASSES);
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.fairlead.etcd..")
                .should()
                .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("keepAlive")))
                .check(CLASSES);
    }

    @Test
    void timeAndRandomnessAreInjected() {
        ArchRuleDefinition.noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.fairlead.api.Ticker")
                .and()
                .doNotHaveFullyQualifiedName("io.fairlead.spi.kit.SystemThreads")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(ThreadLocalRandom.class, "current")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(CLASSES);
    }

    private static Set<String> modules() {
        try (Stream<Path> folders = Files.list(Path.of(".."))) {
            return folders.filter(folder -> Files.isDirectory(folder.resolve("src/main/java")))
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> name.startsWith("sdk-") && !name.equals("sdk-testkit"))
                    .map(name -> name.substring("sdk-".length()))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String[] packages(String module) {
        return module.equals("api")
                ? new String[] {"io.fairlead.api..", "io.fairlead.spi.."}
                : new String[] {"io.fairlead." + module + ".."};
    }

    private static DescribedPredicate<JavaClass> resideIn(String packages) {
        return JavaClass.Predicates.resideInAPackage(packages);
    }
}
