"""What the options of each page's quizzes state, one module a page."""
