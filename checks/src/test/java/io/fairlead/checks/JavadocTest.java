// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Every public thing a user can name has a comment; doclint checks what stands in it. */
class JavadocTest {
    @Test
    void everyPublicTypeAndMemberOfThePublishedModulesHasAComment() throws IOException {
        List<String> missing = new ArrayList<>();
        List<Path> sources = sources();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, List.of(), null, files.getJavaFileObjectsFromPaths(sources));
            DocTrees docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new Comments(docs, missing).scan(unit, null);
            }
        }
        assertThat(sources).hasSizeGreaterThan(100);
        assertThat(missing).as("public, without a comment").isEmpty();
    }

    private static List<Path> sources() throws IOException {
        List<String> hidden = Exports.ofProduct().hidden().stream()
                .map(name -> "/src/main/java/" + name.replace('.', '/'))
                .toList();
        try (Stream<Path> tree = Files.walk(Path.of(".."))) {
            return tree.filter(path -> path.toString().matches(".*/sdk-[a-z]+/src/main/java/.*\\.java")
                            && !path.endsWith("module-info.java")
                            && hidden.stream().noneMatch(path.getParent().toString()::endsWith))
                    .toList();
        }
    }

    /** Walks what is visible from outside. */
    private static final class Comments extends TreePathScanner<Void, Void> {
        private final DocTrees docs;
        private final List<String> missing;

        Comments(DocTrees docs, List<String> missing) {
            this.docs = docs;
            this.missing = missing;
        }

        @Override
        public Void visitClass(ClassTree type, Void none) {
            if (!isVisible(type.getModifiers())) {
                return null;
            }
            require(type.getSimpleName());
            return super.visitClass(type, none);
        }

        @Override
        public Void visitMethod(MethodTree method, Void none) {
            boolean isOverride = method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation ->
                            annotation.getAnnotationType().toString().equals("Override"));
            boolean isOfRecord =
                    owner().getKind() == Tree.Kind.RECORD && method.getName().contentEquals("<init>");
            if (isVisible(method.getModifiers()) && !isOverride && !isOfRecord) {
                require(method.getName());
            }
            return null;
        }

        @Override
        public Void visitVariable(VariableTree field, Void none) {
            boolean isComponent = owner().getKind() == Tree.Kind.RECORD
                    && !field.getModifiers().getFlags().contains(Modifier.STATIC);
            if (!isComponent && isVisible(field.getModifiers())) {
                require(field.getName());
            }
            return null;
        }

        private Tree owner() {
            TreePath parent = getCurrentPath().getParentPath();
            return parent.getLeaf();
        }

        private boolean isVisible(ModifiersTree modifiers) {
            boolean inInterface = owner().getKind() == Tree.Kind.INTERFACE;
            return modifiers.getFlags().contains(Modifier.PUBLIC)
                    || modifiers.getFlags().contains(Modifier.PROTECTED)
                    || inInterface && !modifiers.getFlags().contains(Modifier.PRIVATE);
        }

        private void require(CharSequence name) {
            if (docs.getDocComment(getCurrentPath()) == null) {
                CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
                long line = unit.getLineMap()
                        .getLineNumber(docs.getSourcePositions()
                                .getStartPosition(unit, getCurrentPath().getLeaf()));
                missing.add(Path.of(unit.getSourceFile().getName()).getFileName() + ":" + line + " " + name);
            }
        }
    }
}
