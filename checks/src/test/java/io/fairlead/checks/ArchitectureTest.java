// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arrows of the architecture page, on the compiled classes. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.fairlead");

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
    void balancerBreakerAndBackendsKnowOnlyTheApi() {
        List<String> modules = List.of("balancer", "circuitbreaker", "memory", "consul", "etcd");
        for (String module : modules) {
            String[] others = modules.stream()
                    .filter(other -> !other.equals(module))
                    .map(other -> "io.fairlead." + other + "..")
                    .toArray(String[]::new);
            ArchRuleDefinition.noClasses()
                    .that()
                    .resideInAPackage("io.fairlead." + module + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(CLASSES);
        }
    }

    @Test
    void onlyTheOkHttpModuleSeesOkHttpAndWhatBoundsTheConsulClientsAnswers() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackages("io.fairlead.okhttp..", "io.fairlead.samples..", "io.fairlead.benchmarks..")
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
                .doNotHaveFullyQualifiedName("io.fairlead.etcd.EtcdRegistry$Builder")
                .should()
                .callMethodWhere(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                        com.tngtech.archunit.core.domain.properties.HasName.Predicates.name("useVertx")))
                .check(CLASSES);
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.fairlead.etcd..")
                .should()
                .callMethodWhere(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                        com.tngtech.archunit.core.domain.properties.HasName.Predicates.name("keepAlive")))
                .check(CLASSES);
    }

    @Test
    void timeAndRandomnessAreInjected() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage(
                        "io.fairlead.api..",
                        "io.fairlead.spi..",
                        "io.fairlead.balancer..",
                        "io.fairlead.memory..",
                        "io.fairlead.consul..",
                        "io.fairlead.etcd..",
                        "io.fairlead.okhttp..",
                        "io.fairlead.http..")
                .and()
                .doNotHaveFullyQualifiedName("io.fairlead.api.Ticker")
                .and()
                .doNotHaveFullyQualifiedName("io.fairlead.spi.kit.SystemThreads")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.util.concurrent.ThreadLocalRandom.class, "current")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(CLASSES);
    }

    private static com.tngtech.archunit.base.DescribedPredicate<com.tngtech.archunit.core.domain.JavaClass> resideIn(
            String packages) {
        return com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage(packages);
    }
}
