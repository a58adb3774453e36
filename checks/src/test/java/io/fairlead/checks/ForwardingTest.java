// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Who stands in for another forwards every method, those with a default too: a stand-in that forgets one answers for itself
 * where it should have asked, and no compiler says so.
 */
class ForwardingTest {
    /** Whose default is meant: the stand-in answers for itself there. */
    private static final Set<String> MEANT = Set.of(
            " forgets InstanceGuard.unreportedNanos", // CountingGuards counts every attempt
            "MaglevTables forgets Placement.isOf", // of its own identities
            "ClonedCalls forgets Judge.isWaitingForUs", // each clone books its own attempt
            "ClonedCalls forgets Transport.isConcurrent", // clones are, whatever the call itself is
            "ClonedCalls forgets Transport.within"); // who drives a hedged call cancels its clones in time

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.fairlead");

    @Test
    void everyStandInForwardsEveryMethod() {
        Set<String> standIns = new TreeSet<>();
        Set<String> forgotten = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            for (JavaClass role : type.getAllRawInterfaces()) {
                if (type.isInterface() || !role.getName().startsWith("io.fairlead.") || !standsIn(type, role)) {
                    continue;
                }
                standIns.add(type.getSimpleName());
                for (JavaMethod method : role.getMethods()) {
                    boolean isItsOwn =
                            type.tryGetMethod(method.getName(), names(method)).isPresent();
                    if (!method.getModifiers().contains(JavaModifier.STATIC)
                            && !method.getModifiers().contains(JavaModifier.SYNTHETIC)
                            && !isItsOwn) {
                        forgotten.add(
                                type.getSimpleName() + " forgets " + role.getSimpleName() + "." + method.getName());
                    }
                }
            }
        }
        assertThat(standIns).as("found by themselves").contains("Understudy", "IsolatedListener");
        assertThat(forgotten).isEqualTo(new TreeSet<>(MEANT));
    }

    /** Whether a type holds another of its role, and hands more than half of the role's methods on to it. */
    private static boolean standsIn(JavaClass type, JavaClass role) {
        boolean holdsOne = type.getFields().stream()
                .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                .anyMatch(field -> field.getRawType().isAssignableTo(role.getName()));
        long handedOn = type.getMethodCallsFromSelf().stream()
                .filter(call -> call.getTargetOwner().isAssignableTo(role.getName()))
                .filter(call -> call.getOrigin().getName().equals(call.getName()))
                .map(call -> call.getName())
                .distinct()
                .count();
        long methods = role.getMethods().stream()
                .filter(method -> !method.getModifiers().contains(JavaModifier.STATIC))
                .map(JavaMethod::getName)
                .distinct()
                .count();
        return holdsOne && 2 * handedOn > methods;
    }

    private static String[] names(JavaMethod method) {
        return List.copyOf(method.getRawParameterTypes()).stream()
                .map(JavaClass::getName)
                .toArray(String[]::new);
    }
}
