// The gate as a pipeline. The stage that trains and tests must come before, and must write: @EVIDENCE@
pipeline {
  agent any
  stages {
    // stage('Train and test') { steps { sh '...' } }
    stage('Gate') {
      steps {
        sh '''
          python3 -m venv .gatekeeper-venv
          . .gatekeeper-venv/bin/activate
          python -m pip install ml-gatekeeper==@VERSION@
          @CHECK@
          gatekeeper policy check
          gatekeeper policy test
          gatekeeper evaluate @JUDGED_BY@ --report junit=gatekeeper-junit.xml
        '''
      }
      post {
        always {
          junit testResults: 'gatekeeper-junit.xml', allowEmptyResults: true
        }
      }
    }
  }
}
