"""Insured objects, catalogue editions, enrolment (投保登记), qualifications, certificates.

editions  the catalogues and the match of an object     objects  objects, contracts, documents
records  reading; who may see what                      enrolment  the life cycle, automatic steps
qualifications  quota and its draws                     certificates  public check by code, QR
facts  what the subsidy rules ask of an enrolment       texts  what these use cases have to say
"""
